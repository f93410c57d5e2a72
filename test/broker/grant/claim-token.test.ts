import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signAgain } from '../../../src/broker/grant/sign-again.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { Secret } from '../../../src/core/secret.ts';
import { dev, lead, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

let broker: TestBroker;
let signedFor: (string | undefined)[];

beforeEach(async () => {
  signedFor = [];
  broker = await openTestBroker({
    signer: {
      sign: async (grant, keyThumbprint) => {
        signedFor.push(keyThumbprint);
        return new Secret(`token ${signedFor.length} of ${grant.id}`);
      },
    },
  });
});

afterEach(async () => {
  await broker.runDue();
  const { store, clock, connectors } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

const next = (requestId: string, asker = dev) => broker.claim(asker, requestId, { tokenOnly: true });

describe('the next token of a grant', () => {
  it('is signed under the same grant, on record, and nothing is done at the target', async () => {
    const request = await broker.ask();
    const first = await broker.claim(dev, request.id);
    const calls = [...broker.target.calls];
    const second = await next(request.id);
    expect(second).toMatchObject({
      credential: null,
      grant: { id: first.grant.id, tokenId: first.grant.tokenId },
    });
    expect(second.token.reveal()).not.toBe(first.token.reveal());
    expect(broker.target.calls).toEqual(calls);
    const events = await broker.store.listEvents({ limit: 100 });
    expect(
      events.filter(({ detail }) => detail.token_only).map(({ kind, grantId }) => [kind, grantId]),
    ).toEqual([['grant.redelivered', first.grant.id]]);
  });

  it('is signed for the key of whoever asks', async () => {
    const request = await broker.ask();
    await broker.claim({ ...dev, keyThumbprint: 'key-1' }, request.id);
    await next(request.id, { ...dev, keyThumbprint: 'key-2' });
    expect(signedFor).toEqual(['key-1', 'key-2']);
  });

  it("of somebody else's grant is not_found", async () => {
    const request = await broker.ask();
    await broker.claim(dev, request.id);
    await expect(next(request.id, lead)).rejects.toMatchObject({ code: 'not_found' });
    await expect(next('req_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is denied once policy would not allow it any more', async () => {
    const request = await broker.ask();
    await broker.claim(dev, request.id);
    broker.policy.outcome = 'denied';
    await expect(next(request.id)).rejects.toMatchObject({ code: 'denied' });
  });

  it('is not there before there is a grant, nor after it', async () => {
    const request = await broker.ask();
    await expect(next(request.id)).rejects.toThrow(/not claimed yet/);
    const { grant } = await broker.claim(dev, request.id);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await expect(next(request.id)).rejects.toThrow(/has ended \(done\)/);
  });

  it('I2: goes on from where the grant is by now, and is none where it was given back meanwhile', async () => {
    const request = await broker.ask();
    const { grant: stale } = await broker.claim(dev, request.id);
    const { grant } = await next(request.id);
    const again = await signAgain(broker, request, stale);
    expect(again.grant.version).toBe(grant.version + 1);
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    const signed = signedFor.length;
    await expect(signAgain(broker, request, stale)).rejects.toMatchObject({ code: 'no_grant' });
    expect(signedFor).toHaveLength(signed);
  });

  it('I2: asked for 50 times while the grant is given back is a token or no_grant, and never both states', async () => {
    const request = await broker.ask();
    const { grant } = await broker.claim(dev, request.id);
    const asked = Array.from({ length: 50 }, (_, index) =>
      next(request.id, { ...dev, ip: `127.0.0.${index}` }),
    );
    const given = revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    const outcomes = await Promise.all(
      asked.map((one) =>
        one.then(
          () => 'token',
          (error) => error.code as string,
        ),
      ),
    );
    await given;
    expect(outcomes.every((outcome) => outcome === 'token' || outcome === 'no_grant')).toBe(true);
    await expect(next(request.id)).rejects.toMatchObject({ code: 'no_grant' });
  });
});
