import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasCode } from '../../../src/core/errors.ts';
import { connectBackend, createFakeSession } from '../../support/scripted-server/api.ts';
import { createSteppingClock } from '../../support/scripted-server/clock.ts';
import {
  asJson,
  bodies,
  CLAIM,
  exchanges,
  GOOD,
  json,
  mutate,
  statuses,
  values,
} from '../../support/scripted-server/malformed.ts';
import {
  type Reply,
  type ScriptedServer,
  startScriptedServer,
} from '../../support/scripted-server/server.ts';

let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.calls.length = 0;
});

const cases = [...bodies, ...statuses, ...exchanges, ...values, ...mutate()];

async function failure(reply: Reply, timeoutMs: number): Promise<unknown> {
  server.on(CLAIM, reply);
  const session = createFakeSession(server.url);
  const backend = connectBackend(server, { clock: createSteppingClock(), session, timeoutMs });
  const failed: unknown = await backend.claim('req_1').catch((error: unknown) => error);
  expect(session.renewed).toEqual([]);
  return failed;
}

describe('INP-04: malformed answers', () => {
  it('are at least a hundred, and every one differs from the good answer', () => {
    expect(cases.length).toBeGreaterThanOrEqual(100);
    expect(new Set(cases.map(([name]) => name)).size).toBe(cases.length);
    const bodiesSent = cases.map(([, reply]) => (typeof reply === 'object' ? reply : undefined));
    const same = bodiesSent.filter(
      (reply) => reply?.body === GOOD && reply.headers === json && !reply.status,
    );
    expect(same).toEqual([]);
  });

  it('are told from the good one, which is taken', async () => {
    server.on(CLAIM, asJson(GOOD));
    const backend = connectBackend(server, { clock: createSteppingClock() });
    expect((await backend.claim('req_1')).token.reveal()).toBe('grant-token');
  });

  it.each([...bodies, ...statuses, ...values, ...mutate()])('%s is a clear error', async (_name, reply) => {
    const failed = await failure(reply, 10_000);
    expect(hasCode(failed, 'bad_answer')).toBe(true);
    expect(String(failed)).toContain(server.url);
    expect(inspect(failed, { depth: 20, showHidden: true })).not.toContain('grant-token');
  });

  it.each(exchanges)('%s is a clear error', async (_name, reply) => {
    const failed = await failure(reply, 100);
    expect(hasCode(failed, 'bad_answer', 'unreachable')).toBe(true);
    expect(String(failed)).toContain(server.url);
    expect(inspect(failed, { depth: 20, showHidden: true })).not.toContain('grant-token');
  });

  it('cannot reach a prototype', () => {
    expect(Reflect.get({}, 'request')).toBeUndefined();
    expect(Reflect.get({}, 'code')).toBeUndefined();
  });
});
