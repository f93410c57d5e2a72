import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openNamedFile } from '../../../src/adapters/process/named-file.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jit-test-named-'));
  folders.push(folder);
  writeFileSync(join(folder, 'secret'), 'canary');
  return join(folder, 'secret');
}

/** The id of a process that has ended. */
function findDeadPid(): number {
  return spawnSync('true').pid;
}

describe('a secret file with a name', () => {
  it('is read in a folder of its own, which is gone when it is closed; the file itself stays', () => {
    const path = makeFile();
    const named = openNamedFile({ path, name: 'my.cnf' });
    expect(readFileSync(join(named?.folder ?? '', 'my.cnf'), 'utf8')).toBe('canary');
    named?.close();
    named?.close();
    expect(existsSync(named?.folder ?? dirname(path))).toBe(false);
    expect(existsSync(path)).toBe(true);
  });

  it('I6: removes the folder that a killed one left, and neither a living one’s nor one with more in it', () => {
    const path = makeFile();
    const living = openNamedFile({ path, name: 'my.cnf' });
    const [dead, foreign] = [1, 2].map(() => {
      const folder = mkdtempSync(join(tmpdir(), `.jit-named-${findDeadPid()}-`));
      symlinkSync('/proc/0/fd/9', join(folder, 'my.cnf'));
      folders.push(folder);
      return folder;
    });
    writeFileSync(join(foreign ?? '', 'mine'), '');
    openNamedFile({ path, name: 'my.cnf' })?.close();
    expect([dead, foreign, living?.folder].map((folder) => existsSync(folder ?? ''))).toEqual([
      false,
      true,
      true,
    ]);
    living?.close();
  });

  it('follows no link that somebody left under such a name, and removes no file that is not a link', () => {
    const path = makeFile();
    const own = dirname(path);
    writeFileSync(join(own, 'my.cnf'), 'the configuration of this machine');
    const trap = join(tmpdir(), `.jit-named-${findDeadPid()}-trap`);
    symlinkSync(own, trap);
    const file = mkdtempSync(join(tmpdir(), `.jit-named-${findDeadPid()}-`));
    writeFileSync(join(file, 'my.cnf'), 'mine');
    folders.push(trap, file);
    openNamedFile({ path, name: 'my.cnf' })?.close();
    expect([join(own, 'my.cnf'), join(file, 'my.cnf')].map((name) => existsSync(name))).toEqual([true, true]);
  });
});
