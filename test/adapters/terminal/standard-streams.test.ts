import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const STREAMS = join(import.meta.dirname, '../../../src/adapters/terminal/standard-streams.ts');
const BYTES = 1_000_000;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-streams-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that has its streams as `streams`, and says on stderr what it finds. */
function program(body: string): readonly string[] {
  const opening = `import { createStandardStreams } from ${JSON.stringify(STREAMS)};
    const streams = createStandardStreams(process, {});
    const say = (value) => process.stderr.write(JSON.stringify(value));`;
  return ['--input-type=module', '-e', `${opening}\n${body}`];
}

const WRITE = `streams.stdout.write('x'.repeat(${BYTES}));`;

describe('a stdout that is no terminal', () => {
  it('is written to whole before the program goes on, and no stream is opened for it', async () => {
    const body = `${WRITE} const open = streams.opened().length;
      const loaded = process.moduleLoadList.includes('NativeModule net'); say([open, loaded]); process.exit(0);`;
    const child = spawn(process.execPath, program(body));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([stdout.length, stderr]).toEqual([BYTES, '[0,false]']);
  });

  it('may be a file', async () => {
    const path = join(folder, 'out');
    const run = promisify(execFile);
    await run('sh', ['-c', '"$@" > "$OUT"', 'sh', process.execPath, ...program(WRITE)], {
      env: { ...process.env, OUT: path },
    });
    expect(await readFile(path, 'utf8')).toHaveLength(BYTES);
  });

  it('may be a full pipe that does not wait, because somebody who shares it made it so', async () => {
    // Opening a stream on it is what makes it so.
    const child = spawn(process.execPath, program(`process.stdout.write(''); ${WRITE} process.exit(0);`));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([stdout.length, stderr]).toEqual([BYTES, '']);
  });

  it('tells its listeners when its reader has gone, and goes on', async () => {
    const body = `streams.stdout.on('error', (error) => say(error.code)); process.stdin.on('end', () => {
      ${WRITE} process.exitCode = 7; }).resume();`;
    const child = spawn(process.execPath, program(body));
    child.stdout.destroy();
    child.stdin.end();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect([stderr, code]).toEqual(['"EPIPE"', 7]);
  });
});

describe('what is a terminal', () => {
  it('is found without opening a file, a pipe or /dev/null', async () => {
    const body = `const found = [streams.isTerminal('stdout'), streams.isTerminal('stderr'), streams.opened().length];
      streams.stdout.write(JSON.stringify(found));`;
    for (const stderr of ['ignore', 'pipe'] as const) {
      const child = spawn(process.execPath, program(body), { stdio: ['ignore', 'pipe', stderr] });
      expect(await text(child.stdout as Readable)).toBe('[false,false,0]');
    }
  });
});
