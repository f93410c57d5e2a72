import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/broker/grant/delivery.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openTestBroker();
});

afterEach(() => broker.store.close());

function readPassword({ credential }: Delivery): string | undefined {
  return credential?.secretEnvironment.PGPASSWORD?.reveal();
}

function listPasswords(): readonly string[] {
  return [...broker.target.live.values()].map(({ password }) => password);
}

describe('an answer that nobody receives', () => {
  it('does not replace the password of the one before it, where its client left before its turn', async () => {
    const request = await broker.ask();
    const gone = new AbortController();
    let second: Promise<unknown> = Promise.resolve();
    broker.target.before('issue', () => {
      second = broker.claim({ ...dev, ip: '127.0.0.2' }, request.id, { gone: gone.signal });
      gone.abort();
    });
    const answer = await broker.claim(dev, request.id);
    await expect(second).rejects.toMatchObject({ code: 'lost_race' });
    expect(listPasswords()).toEqual([readPassword(answer)]);
  });

  it('is one that all have gone from who waited for it: one who stays is answered', async () => {
    const request = await broker.ask();
    const first = await broker.claim(dev, request.id);
    const gone = AbortSignal.abort();
    const [left, stayed] = [broker.claim(dev, request.id, { gone }), broker.claim(dev, request.id)];
    expect(readPassword(await stayed)).not.toBe(readPassword(first));
    expect(await left).toBe(await stayed);
    expect(listPasswords()).toEqual([readPassword(await stayed)]);
  });
});
