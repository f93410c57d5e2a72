import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildGrantView, buildRequestView } from '../support/fakes/fake-backend.ts';
import { installPackage, openPluginDesk, writeProfile } from '../support/plugins/desk.ts';
import type { Desk } from '../support/programs/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openPluginDesk({ backend: 'npm:jit-plugin-hostile' });
  await installPackage(desk, 'jit-plugin-hostile', HOSTILE);
});
afterAll(() => desk[Symbol.asyncDispose]());

const PENDING = buildRequestView({ state: 'pending', grantId: null, lapsesAt: Date.now() + 3_600_000 });

/** Keeps one request pending, but for what the setting names. */
const HOSTILE = `import { definePlugin, EMPTY_CREDENTIAL, Secret } from 'jit';
const request = ${JSON.stringify(PENDING)};
const grant = ${JSON.stringify(buildGrantView())};
const readRequest = async () => request;
const hang = () => new Promise(() => setInterval(() => {}, 60_000));
const loseTimers = () => {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (...args) => setTimeout(...args).unref();
  return new Promise(() => {});
};
const approved = async (id) => ({ ...request, id, state: 'approved' });
const deliver = (environment) => async (id) => ({
  request: await approved(id), grant, token: new Secret('t'), credential: { ...EMPTY_CREDENTIAL, environment },
});
const MANNERS = {
  'hang with a timer': { readRequest: hang, listHistory: hang },
  'answer about another request': { readRequest: () => approved('req_2'), claim: deliver({}) },
  'set what it may not': { readRequest: approved, claim: deliver({ BASH_ENV: '/tmp/x.sh' }) },
  'hang and say so': { listHistory: () => { console.error('it hangs'); return hang(); } },
  'take the timers': { listHistory: loseTimers },
};
export const plugin = definePlugin({
  name: 'hostile',
  api: '^1.0',
  backend: {
    settings: { manner: 'text?' },
    open: ({ settings: { manner } }) => ({
      submit: async () => ({ request, claimed: null }), readRequest, ...MANNERS[manner],
    }),
  },
});
`;

describe('a package that does not behave, and the program', () => {
  /** The settings of a profile are a table of their own. */
  const misbehave = (manner: string): Promise<void> =>
    writeProfile(desk, { backend: 'npm:jit-plugin-hostile', timeout: '1s', 'settings.manner': manner });

  it.each([
    ['hang with a timer', 8, 'was not reached: it did not answer in time'],
    ['answer about another request', 1, 'to read_request: is about another request'],
    ['set what it may not', 1, 'to claim: "credential.environment.BASH_ENV" is wrong'],
  ])('INP-05: %s: the request stays pending, the plugin is named', async (manner, code, why) => {
    await misbehave('nothing');
    const asked = ['request', 'prod:db.read', '--on', 'orders', '--for', '5m', '--reason', 'INC-4211 slow'];
    expect((await desk.run([...asked, '--no-wait'])).exitCode).toBe(5);
    await misbehave(manner);
    const waited = await desk.run(['wait', 'req_1']);
    expect([waited.exitCode, waited.stderr]).toEqual([
      code,
      expect.stringContaining('the plugin "work" (hostile)'),
    ]);
    expect(waited.stderr).toContain(why);
    const { requests, grants } = (await desk.readJson(['status', '--offline'])).document;
    expect([requests, grants]).toMatchObject([[{ id: 'req_1' }], []]);
    expect([...(await desk.listSecrets()).keys()]).toEqual([]);
  });

  it('INP-05: hang with a timer: jit history ends', async () => {
    await misbehave('hang with a timer');
    expect((await desk.readJson(['history'])).exitCode).toBe(8);
  });

  it('INP-05: hang with a timer: Ctrl-C leaves it, and says so once', async () => {
    await writeProfile(desk, { backend: 'npm:jit-plugin-hostile', 'settings.manner': 'hang and say so' });
    const waiting = desk.start(['history', '--json']);
    await waiting.says(/it hangs/);
    waiting.kill('SIGINT');
    const { exitCode, stdout, stderr } = await waiting.ended;
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/^it hangs\ninterrupted; [^\n]*\n$/);
  });

  it('INP-05: take the timers: what waits for nothing any more is no success', async () => {
    await misbehave('take the timers');
    const { exitCode, document } = await desk.readJson(['history']);
    expect([exitCode, document.error?.message]).toEqual([
      1,
      'it waits for an answer that cannot come any more',
    ]);
  });

  it('one that cannot follow a request is asked again and again', async () => {
    await misbehave('nothing');
    const waited = await desk.readJson(['wait', 'req_1', '--timeout', '1s']);
    expect(waited.document.error).toMatchObject({ code: 'still_pending' });
  });
});
