import { beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import type { PluginBackend } from '../../src/plugin/api.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';
import { never } from '../support/never.ts';
import { type BackendCall, CALLS, KNOWN, WAITING } from '../support/plugins/backend-calls.ts';
import { LABEL, openPackage, SOUND } from '../support/plugins/hostile-package.ts';
import { until } from '../support/until.ts';

const ID = 'req_1';
let clock: FakeClock;
beforeEach(() => {
  clock = createFakeClock(Date.parse('2026-11-22T14:00:00Z'));
});

async function open(changes: PluginBackend): Promise<ApprovalBackend> {
  return (await openPackage(() => ({ ...SOUND, ...changes }), clock)).backend;
}

describe('INP-05: a package that hangs', () => {
  const late = { code: 'unreachable', message: `${LABEL} was not reached: it did not answer in time` };

  it.each([
    ...CALLS.map(([method, ask]) => [method, ask, 4_000] as const),
    ...WAITING.map(([method, ask]) => [method, ask, 30_000] as const),
  ])('in %s is not waited for any longer than its profile says', async (method, ask, limitMs) => {
    const asking = ask(await open({ [method]: never }));
    let isOver = false;
    const over = expect(asking.finally(() => (isOver = true))).rejects.toMatchObject(late);
    await clock.advance(limitMs - 1);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await over;
  });

  it('in status is waited for as long as somebody at a prompt waits', async () => {
    const told: unknown[] = [];
    const readStatus = (options: unknown): Promise<never> => {
      told.push(options);
      return never();
    };
    const backend = await open({ readStatus });
    const over = expect(backend.readStatus({ timeoutMs: 2_000 })).rejects.toMatchObject(late);
    await clock.advance(2_000);
    await over;
    expect(told).toEqual([{ timeoutMs: 2_000 }]);
  });

  it('has no more time when the clock is set back', async () => {
    const over = expect((await open({ readRequest: never })).readRequest(ID)).rejects.toMatchObject(late);
    clock.setWall(0);
    await clock.advance(4_000);
    await over;
  });

  it.each<BackendCall>([
    ['follow', (backend) => backend.follow(ID, { ...KNOWN, signal: AbortSignal.abort() }), null],
    ['readInbox', (backend) => backend.readInbox({ signal: AbortSignal.abort() }), null],
  ])('in %s is not asked at all where nobody waits', async (method, ask) => {
    const backend = await open({ [method]: () => expect.fail('it was asked') });
    await expect(ask(backend)).rejects.toMatchObject({ code: 'interrupted' });
  });

  it.each<[string, (backend: ApprovalBackend, signal: AbortSignal) => Promise<unknown>]>([
    ['follow', (backend, signal) => backend.follow(ID, { ...KNOWN, signal })],
    ['readInbox', (backend, signal) => backend.readInbox({ after: 7, signal })],
  ])('in %s is left at once, and told so', async (method, ask) => {
    const given: { signal: AbortSignal }[] = [];
    const hang = (...args: readonly unknown[]): Promise<never> => {
      given.push(args.at(-1) as never);
      return never();
    };
    const leaving = new AbortController();
    const over = expect(ask(await open({ [method]: hang }), leaving.signal)).rejects.toMatchObject({
      code: 'interrupted',
      message: `${LABEL} was not waited for`,
    });
    await until('asked', async () => given.length === 1);
    expect(given[0]?.signal.aborted).toBe(false);
    leaving.abort();
    await over;
    expect(given[0]?.signal.aborted).toBe(true);
  });

  it('in follow is told when nobody waits any more', async () => {
    let given: AbortSignal | undefined;
    const follow = (_: string, { signal }: { readonly signal?: AbortSignal }): Promise<never> => {
      given = signal;
      return never();
    };
    const over = expect((await open({ follow })).follow(ID, KNOWN)).rejects.toMatchObject(late);
    await clock.advance(29_999);
    expect(given?.aborted).toBe(false);
    await clock.advance(1);
    await over;
    expect(given?.aborted).toBe(true);
  });

  it('and has not ended 16 calls is asked no more', async () => {
    const backend = await open({ readRequest: never });
    const over = Array.from({ length: 16 }, () => expect(backend.readRequest(ID)).rejects.toThrow());
    await clock.advance(4_000);
    await Promise.all(over);
    await expect(backend.readGrant('gr_1')).rejects.toThrow('it has not ended 16 earlier calls');
  });

  it('when it is opened is given up after 10 s', async () => {
    const over = expect(openPackage(never, clock)).rejects.toMatchObject({
      code: 'plugin_unusable',
      message: 'the plugin rota cannot be used: opening it failed: it did not answer in time',
    });
    await clock.untilSleeping();
    await clock.advance(10_000);
    await over;
  });

  it('when it is closed is left after 2 s', async () => {
    const { close } = await openPackage(() => ({ ...SOUND, close: never }), clock);
    const closing = close();
    await clock.advance(2_000);
    await closing;
  });
});
