import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  describeSelf,
  judgeOwner,
  readStartFromProc,
  readStartFromPs,
} from '../../../src/adapters/lock/owner.ts';

describe('judgeOwner', () => {
  it('knows this process, and tells it from an earlier one with the same pid', () => {
    const self = describeSelf();
    expect(judgeOwner(self)).toBe('alive');
    expect(judgeOwner({ ...self, started: 'before' })).toBe('dead');
    expect(judgeOwner({ ...self, host: 'other' })).toBe('elsewhere');
  });

  it('in doubt takes a process for alive', () => {
    expect(judgeOwner({ ...describeSelf(), started: 'unknown' })).toBe('alive');
  });

  it('knows when a process has ended', async () => {
    const child = spawn('sleep', ['600']);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const started = readStartFromProc(pid) ?? '';
    const owner = { ...describeSelf(), pid, started };
    if (process.platform === 'linux') expect(judgeOwner(owner)).toBe('alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(judgeOwner(owner)).toBe('dead');
  });

  it.runIf(process.platform === 'linux')('takes one that was killed and not waited for as dead', async () => {
    // The shell's child ends once the shell has become sleep, which never waits for it; before, the shell might have.
    const child = '(while read name < /proc/$$/comm && [ "$name" != sleep ]; do :; done) &';
    const shell = spawn('sh', ['-c', `${child} echo $!; exec sleep 600`]);
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await expect.poll(() => readStartFromProc(pid)).toBeUndefined();
    expect(judgeOwner({ ...describeSelf(), pid, started: 'any' })).toBe('dead');
    shell.kill('SIGKILL');
    await once(shell, 'exit');
  });
});

describe('reading when a process started', () => {
  it('by ps: the same text each time for a live process, none for no process', () => {
    expect(readStartFromPs(process.pid)).toMatch(/\d{4}$/);
    expect(readStartFromPs(process.pid)).toBe(readStartFromPs(process.pid));
    expect(readStartFromPs(2 ** 30)).toBeUndefined();
  });
});
