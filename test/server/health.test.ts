import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createHealth,
  type Health,
  type HealthFound,
  type Limit,
  type ReadinessCheck,
} from '../../src/server/health.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';

type Open = AsyncDisposable & {
  readonly health: Health;
  readonly clock: FakeClock;
  readonly changes: readonly HealthFound[];
  readonly countReceived: () => number;
  readonly get: (
    path: string,
    method?: string,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
};

const opened: Open[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

async function open(checks: readonly ReadinessCheck[], limits: readonly Limit[] = []): Promise<Open> {
  const clock = createFakeClock(0);
  const changes: HealthFound[] = [];
  const health = createHealth({
    checks,
    clock,
    listLimits: () => [...limits],
    onChange: (found) => changes.push(found),
  });
  let received = 0;
  const server = createServer((request, response) => {
    received += 1;
    if (!health.answer(request, response)) response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const one: Open = {
    health,
    clock,
    changes,
    countReceived: () => received,
    get: async (path, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      return { status: response.status, body: await response.json() };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  opened.push(one);
  return one;
}

const fit: ReadinessCheck = { name: 'fit', look: async () => null };

describe('/readyz', () => {
  it('is fine when every check is', async () => {
    const { get, changes } = await open([fit, fit]);
    expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true, failing: [] } });
    expect(changes).toEqual([]);
  });

  it('S15: says why nothing new is given, and is ready for what ends', async () => {
    const limits: Limit[] = ['full', 'clock_wrong'];
    const { get, changes } = await open([fit], limits);
    const body = { ready: true, failing: [] };
    expect(await get('/readyz')).toEqual({ status: 200, body: { ...body, full: true, clock_wrong: true } });
    limits.length = 0;
    expect(await get('/readyz')).toEqual({ status: 200, body });
    expect(changes.map((change) => change.limits.length)).toEqual([2, 0]);
  });

  it('says which checks failed, and not why', async () => {
    const { get } = await open([
      fit,
      { name: 'store', look: () => Promise.reject(new Error('postgres://jit:secret@db')) },
      { name: 'other', look: async () => 'it is wrong' },
    ]);
    expect(await get('/readyz')).toEqual({
      status: 503,
      body: { ready: false, failing: ['store', 'other'] },
    });
  });

  it('takes a check that hangs for a second as failed', async () => {
    const { get, clock } = await open([{ name: 'store', look: () => new Promise(() => undefined) }]);
    const asked = get('/readyz');
    await clock.untilSleeping();
    await clock.advance(1_000);
    expect((await asked).body).toEqual({ ready: false, failing: ['store'] });
  });

  it('asks once, however many ask it at that moment', async () => {
    let looks = 0;
    const { promise, resolve } = Promise.withResolvers<null>();
    const look = (): Promise<null> => {
      looks += 1;
      return promise;
    };
    const { get, countReceived } = await open([{ name: 'store', look }]);
    const asked = [get('/readyz'), get('/readyz'), get('/readyz')];
    await expect.poll(countReceived).toBe(3);
    resolve(null);
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(looks).toBe(1);
  });

  it('says that the server drains, before anything else', async () => {
    const { get, health } = await open([{ name: 'store', look: async () => 'away' }]);
    health.drain();
    expect(await get('/readyz')).toEqual({ status: 503, body: { ready: false, failing: ['draining'] } });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('tells of a change once, and of the change back', async () => {
    let wrong: string | null = 'away';
    const { get, changes } = await open([{ name: 'store', look: async () => wrong }]);
    await get('/readyz');
    await get('/readyz');
    wrong = null;
    await get('/readyz');
    expect(changes.map(({ failing }) => failing)).toEqual([['store'], []]);
  });
});

describe('/healthz', () => {
  it('is fine while the process answers, whatever the checks say', async () => {
    const { get } = await open([{ name: 'store', look: async () => 'away' }]);
    expect(await get('/healthz?verbose')).toEqual({ status: 200, body: { alive: true } });
  });

  it('is for reading', async () => {
    const { get } = await open([]);
    expect((await get('/healthz', 'POST')).status).toBe(405);
    expect((await get('/health')).status).toBe(404);
  });
});
