import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JitError } from '../../../../src/core/errors.ts';
import type { ApprovalBackend } from '../../../../src/core/ports/backend.ts';
import type { TestPlugin } from '../../../support/plugins/exec-backend.ts';
import { listSurvivors, openHostile } from '../../../support/plugins/hostile-plugin.ts';
import { until } from '../../../support/until.ts';

let folder = '';
let plugin: TestPlugin;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-hostile-'));
});
/** I6, whatever it did. */
afterEach(async () => {
  await plugin.close();
  expect(await listSurvivors(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

async function readRefusal(manner: string, ask = read): Promise<string> {
  plugin = await openHostile(manner, { folder });
  const error = await ask(plugin.backend).then(
    () => 'it was believed',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof JitError)) throw new Error(String(error));
  expect(error.message).toContain('the plugin "work"');
  return `${error.code}: ${error.message.slice(error.message.indexOf(')') + 2)}`;
}

const read = (backend: ApprovalBackend): Promise<unknown> => backend.readRequest('req_1');

describe('INP-05: a plugin that does not behave is ended, named, and not believed', () => {
  it.each([
    ['hang at the start', 'unreachable: was not reached: no answer within 4 s'],
    ['hang for an answer', 'unreachable: was not reached: no answer within 4 s'],
    ['hang in the middle', 'unreachable: was not reached: no answer within 4 s'],
    ['crash at the start', 'unreachable: was not reached: it ended with code 4'],
    ['crash', 'unreachable: was not reached: it ended with code 3: it hurts \\x1b[31mhere'],
    ['kill itself', 'unreachable: was not reached: it ended by SIGKILL'],
    ['leave a child and crash', 'unreachable: was not reached: it ended with code 3'],
    [
      'speak another version',
      'plugin_unusable: cannot be used: it speaks version 2 of the protocol, and this jit version 1',
    ],
    [
      'say nothing of itself',
      'bad_answer: answered something that jit cannot use: it does not say what it offers',
    ],
    [
      'flood stdout',
      'bad_answer: answered something that jit cannot use: a message is longer than 1048576 bytes',
    ],
    ['flood stdout with lines', 'bad_answer: answered something that jit cannot use: it is no answer'],
    ['flood stderr', 'bad_answer: answered something that jit cannot use: it floods stderr'],
    [
      'answer about another request',
      'bad_answer: answered something that jit cannot use: to read_request: is about another request',
    ],
    [
      'answer another question',
      'bad_answer: answered something that jit cannot use: it answers another question',
    ],
    [
      'answer the question before',
      'bad_answer: answered something that jit cannot use: it answers another question',
    ],
    ['answer with an id of text', 'bad_answer: answered something that jit cannot use: it is no answer'],
    [
      'answer with huge numbers',
      'bad_answer: answered something that jit cannot use: to read_request: "request.duration_seconds" is wrong',
    ],
    [
      'answer with a number that is none',
      'bad_answer: answered something that jit cannot use: to read_request: "request.duration_seconds" is wrong',
    ],
    [
      'answer with a state that there is not',
      'bad_answer: answered something that jit cannot use: to read_request: "request.state" is wrong',
    ],
    [
      'answer with depth',
      'bad_answer: answered something that jit cannot use: to read_request: "request" is wrong',
    ],
    [
      'answer with __proto__',
      'bad_answer: answered something that jit cannot use: to read_request: "request" is wrong',
    ],
    ['answer with binary', 'bad_answer: answered something that jit cannot use: it is not UTF-8 text'],
    ['answer with HTML', 'bad_answer: answered something that jit cannot use: it is no answer'],
    ['answer with nothing', 'bad_answer: answered something that jit cannot use: it is no answer'],
    ['answer with a list', 'bad_answer: answered something that jit cannot use: it is no answer'],
    [
      'answer yes and no',
      'bad_answer: answered something that jit cannot use: it is neither a result nor an error',
    ],
    [
      'answer neither yes nor no',
      'bad_answer: answered something that jit cannot use: it is neither a result nor an error',
    ],
    [
      'ask something itself',
      'bad_answer: answered something that jit cannot use: it asks, instead of answering',
    ],
  ])('%s', async (manner, refusal) => {
    expect(await readRefusal(manner)).toBe(refusal);
    // What it says may be wrong; how it says it may not.
    if (!refusal.includes(': to ')) await untilGone();
  });

  it('answering twice is answering once, and its end', async () => {
    plugin = await openHostile('answer twice', { folder });
    expect((await plugin.backend.readRequest('req_1')).state).toBe('pending');
    await expect(plugin.backend.readRequest('req_1')).rejects.toMatchObject({ code: 'bad_answer' });
    await untilGone();
  });

  it('whoever broke the rules is not started again', async () => {
    plugin = await openHostile('ask something itself', { folder });
    await expect(read(plugin.backend)).rejects.toMatchObject({ code: 'bad_answer' });
    await expect(read(plugin.backend)).rejects.toMatchObject({ code: 'bad_answer' });
    expect((await readFile(join(folder, 'pids'), 'utf8')).split('\n').filter(Boolean)).toHaveLength(1);
  });

  it('a code that is none of jit’s is a failure, in its own words', async () => {
    plugin = await openHostile('refuse with a code that is none', { folder });
    await expect(read(plugin.backend)).rejects.toMatchObject({ code: 'failed', message: 'no' });
  });

  it('a credential sets nothing that chooses what code runs', async () => {
    const claim = (backend: ApprovalBackend) => backend.claim('req_1');
    expect(await readRefusal('set what it may not', claim)).toMatch(/^bad_answer: .*to claim: "credential/);
  });

  it('what is said after a hang is not taken for the next answer: another process is asked', async () => {
    plugin = await openHostile('hang for an answer', { folder });
    await expect(read(plugin.backend)).rejects.toMatchObject({ code: 'unreachable' });
    expect((await plugin.backend.submit({ ...ASKED, idempotencyKey: 'k' }).catch((e) => e)).code).toBe(
      'unreachable',
    );
  });
});

const KNOWN = { state: 'pending', given: 0, told: 0 } as const;

async function untilGone(): Promise<void> {
  await until('gone', async () => (await listSurvivors(folder)).length === 0);
}

const ASKED = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 60,
  reason: '',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

describe('I6: nothing of a plugin stays behind', () => {
  it.each(['leave a child', 'refuse to end'])('INP-05: %s', async (manner) => {
    plugin = await openHostile(manner, { folder });
    await read(plugin.backend);
    expect(await listSurvivors(folder)).not.toEqual([]);
  });

  it('when a question is left, the plugin is ended, and the next question is asked of another', async () => {
    plugin = await openHostile('hang for an answer', { folder });
    const leaving = new AbortController();
    const following = plugin.backend.follow('req_1', { ...KNOWN, signal: leaving.signal });
    await until('asked', async () => (await listSurvivors(folder).catch(() => [])).length === 1);
    leaving.abort();
    await expect(following).rejects.toMatchObject({ code: 'interrupted' });
    await untilGone();
  });
});
