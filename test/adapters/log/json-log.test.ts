import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJsonLog } from '../../../src/adapters/log/json-log.ts';
import { createTextLog } from '../../../src/adapters/log/text-log.ts';
import { fail } from '../../../src/core/errors.ts';
import type { LogEntry, LogLevel } from '../../../src/core/ports/log.ts';
import { isTreacherous } from '../../../src/core/text.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

const AT = Date.parse('2026-11-22T08:00:00.000Z');
const HOSTILE = 'a\u001b[31m\r\n"}\u009b2J\u202eevil\u0000';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-log-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** What was written, line by line. */
async function write(entries: readonly LogEntry[], level: LogLevel = 'info'): Promise<readonly string[]> {
  const path = join(folder, 'log');
  const log = openJsonLog({ level, clock: createFakeClock(AT), destination: path });
  for (const entry of entries) log.write(entry);
  await log.close();
  const text = await readFile(path, 'utf8');
  return text.split('\n').filter(Boolean);
}

describe('a line of the JSON log', () => {
  it('has the time, the level, the event and its fields, and leaves out what is not known', async () => {
    const [line = ''] = await write([
      { level: 'warn', event: 'it.happened', fields: { count: 3, target: 'orders', subject: undefined } },
    ]);
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: '2026-11-22T08:00:00.000Z',
      pid: process.pid,
      event: 'it.happened',
      count: 3,
      target: 'orders',
    });
  });

  it('S12: is one line and harmless on a terminal, whatever was in its fields and its error', async () => {
    const cause = new Error(HOSTILE);
    const lines = await write([
      { level: 'error', event: 'it.failed', fields: { name: HOSTILE }, error: new Error(HOSTILE, { cause }) },
    ]);
    expect(lines).toHaveLength(1);
    expect(isTreacherous(lines[0] ?? '')).toBe(false);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ name: expect.stringMatching(/^a \[31m "}/) });
  });

  it('tells an error of ours by its code, and where another one was thrown', async () => {
    const lines = await write([
      { level: 'error', event: 'a', error: fail('address_in_use', { address: '127.0.0.1:1' }) },
      { level: 'error', event: 'b', error: new TypeError('no') },
      { level: 'error', event: 'c', error: 'thrown text' },
    ]);
    const [ours, other, text] = lines.map((line) => JSON.parse(line).error);
    expect(ours).toMatchObject({ code: 'address_in_use', message: expect.stringContaining('127.0.0.1:1') });
    expect(ours.stack).toBeUndefined();
    expect(other).toMatchObject({ name: 'TypeError', message: 'no', stack: expect.any(Array) });
    expect(text).toEqual({ name: 'string', message: 'thrown text' });
  });

  it('ends where an error goes round in its causes, and cuts what is endless', async () => {
    const error = new Error('x'.repeat(100_000));
    error.cause = error;
    const [line = ''] = await write([{ level: 'error', event: 'it.failed', error }]);
    expect(line.length).toBeLessThan(30_000);
  });

  it('is written when its level is asked for, and not otherwise', async () => {
    const all = (['debug', 'info', 'warn', 'error'] as const).map((level) => ({ level, event: level }));
    expect((await write(all, 'warn')).map((line) => JSON.parse(line).level)).toEqual(['warn', 'error']);
  });

  it('is on disk when the log is closed, however much it was', async () => {
    const fields = { text: 'x'.repeat(1_000) };
    const entries = Array.from({ length: 1_000 }, (): LogEntry => ({ level: 'info', event: 'a', fields }));
    expect(await write(entries)).toHaveLength(entries.length);
  });

  it('is no reason to wait where nothing was written', async () => {
    expect(await write([])).toEqual([]);
  });

  it('is written of the level that was set later', async () => {
    const path = join(folder, 'log');
    const log = openJsonLog({ level: 'error', clock: createFakeClock(AT), destination: path });
    log.write({ level: 'debug', event: 'before' });
    log.setLevel('debug');
    log.write({ level: 'debug', event: 'after' });
    expect(await log.close()).toBe('written');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ event: 'after' });
  });
});

describe('the log for people', () => {
  it('says what needs them, and nothing of what goes well', () => {
    const lines: string[] = [];
    const write = createTextLog({ tell: (line) => lines.push(line), mark: '!' });
    write({ level: 'info', event: 'request.answered' });
    write({ level: 'warn', event: 'stray.removed', fields: { target: 'orders', handle: 'jit_1_2' } });
    write({ level: 'error', event: 'work.failed', error: new TypeError('no') });
    expect(lines).toEqual(['! stray.removed target=orders handle=jit_1_2', '! TypeError: no']);
  });
});
