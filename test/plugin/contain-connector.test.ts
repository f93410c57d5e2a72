import { beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../src/adapters/log/describe-error.ts';
import { type Credential, EMPTY_CREDENTIAL } from '../../src/core/credential.ts';
import { Secret } from '../../src/core/secret.ts';
import type { ConnectorPlugin, PluginConnector, Settings } from '../../src/plugin/api.ts';
import { openPluginConnector } from '../../src/plugin/registry.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';
import { never } from '../support/never.ts';

const START = Date.parse('2026-11-22T14:00:00Z');
const HANDLE = 'jit_abcd1234_01x';
const SCOPES = ['wiki:pages.edit'];
let clock: FakeClock;
beforeEach(() => {
  clock = createFakeClock(START);
});

const SOUND: PluginConnector = {
  issue: async () => EMPTY_CREDENTIAL,
  probe: async () => undefined,
  remove: async () => ({ sessionsEnded: 0 }),
  list: async () => [],
};

function open(changes: Partial<PluginConnector> = {}, settings: Settings = { key: new Secret('hunter2') }) {
  const plugin: ConnectorPlugin = { kind: 'wiki', open: () => ({ ...SOUND, ...changes }) };
  return openPluginConnector(plugin, {
    target: { name: 'wiki', audience: 'https://wiki.example.com', settings },
    clock,
    installation: 'abcd1234',
    readSecret: async (_name, make) => make(),
  });
}

const inTime = () => ({ deadlineAt: clock.now() + 10_000, scopes: SCOPES });
const order = (handle = HANDLE) => ({ ...inTime(), handle, expiresAt: START + 600_000 });
const failed = (why: string) => ({
  code: 'target_failed',
  message: `wiki refused or was not reached: ${why}`,
});

describe('INP-05: the connector of a plugin', () => {
  it.each([
    ['issue', (hanging: ReturnType<typeof open>) => hanging.issue(order())],
    ['probe', (hanging) => hanging.probe(EMPTY_CREDENTIAL, clock.now() + 10_000)],
    ['extend', (hanging) => hanging.extend(order())],
    ['remove', (hanging) => hanging.remove(HANDLE, inTime())],
    ['list', (hanging) => hanging.list(clock.now() + 10_000)],
    ['activity', (hanging) => hanging.activity(HANDLE, clock.now() + 10_000)],
  ] satisfies [string, (hanging: ReturnType<typeof open>) => Promise<unknown>][])(
    'that hangs in %s is over at the deadline, and throws nothing else than target_failed',
    async (method, call) => {
      const running = expect(call(open({ [method]: never }))).rejects.toMatchObject(
        failed('it did not answer in time'),
      );
      await clock.advance(10_000);
      await running;
      const throwing = open({
        [method]: () => {
          throw new Error('hunter2 is\nwrong');
        },
      });
      await expect(call(throwing)).rejects.toMatchObject(failed('[redacted] is wrong'));
    },
  );

  it('is not called when there is no time left', async () => {
    const connector = open({ issue: () => expect.fail('it was called') });
    await expect(connector.issue({ ...order(), deadlineAt: clock.now() })).rejects.toMatchObject(
      failed('there is no time left'),
    );
  });

  it.each(['postgres', '', 'jit_other000_01x', 'jit_abcd1234_', 'jit_abcd1234_01x; --'])(
    'is asked about no name that is not of this installation: %j',
    async (handle) => {
      const untouched = () => expect.fail('it was called');
      const connector = open({ issue: untouched, extend: untouched, remove: untouched, activity: untouched });
      const refused = failed('that is no name of this installation');
      await expect(connector.issue(order(handle))).rejects.toMatchObject(refused);
      await expect(connector.extend(order(handle))).rejects.toMatchObject(refused);
      await expect(connector.remove(handle, inTime())).rejects.toMatchObject(refused);
      await expect(connector.activity(handle, START + 1)).rejects.toMatchObject(refused);
    },
  );

  it('may name whatever is there: only what is of this installation counts', async () => {
    const there = ['root', HANDLE, 'jit_other000_01x'].map((handle) => ({ handle, sessions: 1 }));
    expect(await open({ list: async () => there }).list(START + 1)).toEqual([
      { handle: HANDLE, sessions: 1 },
    ]);
  });

  it('with names of its own is asked about those', async () => {
    const connector = open({
      plan: (grantId) => `w-${grantId}`,
      list: async () => [{ handle: 'w-1', sessions: 0 }],
    });
    expect(connector.plan('gr_1')).toBe('w-gr_1');
    await expect(connector.remove('w-gr_1', inTime())).resolves.toEqual({ sessionsEnded: 0 });
    expect(await connector.list(START + 1)).toEqual([{ handle: 'w-1', sessions: 0 }]);
  });

  it.each(['', 'two\nlines', 'x'.repeat(257), 7, undefined])('plans no name like %j', (name) => {
    expect(() => open({ plan: () => name as string }).plan('gr_1')).toThrow(
      expect.objectContaining(failed('it plans a name that cannot be kept')),
    );
  });

  it('that throws while it plans a name says so without its secrets', () => {
    const plan = (): never => {
      throw new Error('no name with hunter2');
    };
    expect(() => open({ plan }).plan('gr_1')).toThrow(
      expect.objectContaining(failed('no name with [redacted]')),
    );
  });

  it('tells whole milliseconds, as a store keeps them', async () => {
    const connector = open({ activity: async () => START + 0.5 });
    expect(await connector.activity(HANDLE, START + 1)).toBe(START);
  });

  it('I5: has its secrets in no line of a log', async () => {
    const list = (): never => {
      throw new TypeError('GET https://wiki/?key=hun%2Fter2 and hun/ter2', { cause: new Error('hun/ter2') });
    };
    const settings = { key: new Secret('hun/ter2') };
    const error: unknown = await open({ list }, settings)
      .list(START + 1)
      .catch((cause: unknown) => cause);
    const line = JSON.stringify(describeError(error));
    expect(line).not.toMatch(/hun.{1,3}ter2/);
    expect(line).toContain('GET https://wiki/?key=[redacted] and [redacted]');
    expect(line).toContain('TypeError');
    expect(line).toContain('contain-connector.test');
  });

  it.each<[string, Partial<Credential>]>([
    ['environment.WIKI_USER is not a variable that a server may set', { environment: { WIKI_USER: 'x' } }],
    ['environment.LD_PRELOAD is not', { environment: { LD_PRELOAD: '/x.so' } }],
    ['secret_environment.PATH is not', { secretEnvironment: { PATH: new Secret('x') } }],
    ['removes.0 is not a variable that a server may remove', { removes: ['PATH'] }],
  ])('gives no credential that its holder would refuse: %s', async (fault, changes) => {
    const connector = open({ issue: async () => ({ ...EMPTY_CREDENTIAL, ...changes }) });
    await expect(connector.issue(order())).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining(`it gave a credential that nobody takes: ${fault}`),
    });
  });

  it.each([[undefined], [{}], [{ sessionsEnded: -1 }], [{ sessionsEnded: 'all' }]])(
    'that removes and says %j has not removed',
    async (removal) => {
      const connector = open({ remove: async () => removal as never });
      await expect(connector.remove(HANDLE, inTime())).rejects.toMatchObject({ code: 'target_failed' });
    },
  );

  it('needs neither names, nor an end to move, nor a way to tell, nor anything to let go of', async () => {
    const connector = open();
    expect(connector.plan('gr_01x')).toBe(HANDLE);
    await connector.extend(order());
    expect(await connector.activity(HANDLE, START + 1)).toBeNull();
    await connector.close();
  });

  it('that never closes is left after 2 s', async () => {
    const closing = open({ close: never }).close();
    await clock.advance(2_000);
    await closing;
  });

  it('I5: is none where opening it throws', () => {
    const plugin: ConnectorPlugin = {
      kind: 'wiki',
      open: () => {
        throw new Error('no such wiki for hunter2');
      },
    };
    const parts = { clock, installation: 'abcd1234', readSecret: () => expect.fail() };
    const settings = { key: new Secret('hunter2') };
    const target = { name: 'wiki', audience: 'https://wiki.example.com', settings };
    expect(() => openPluginConnector(plugin, { ...parts, target })).toThrow(
      'the kind wiki cannot be used: opening it failed: no such wiki for [redacted]',
    );
  });

  it.each(['issue', 'probe', 'remove', 'list'] as const)('is none without %s', (method) => {
    expect(() => open({ [method]: undefined })).toThrow(`it has no "${method}"`);
  });
});
