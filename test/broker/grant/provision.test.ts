import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel, lapse } from '../../../src/broker/request/requests.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import { dev, lead, openTestBroker, type TestBroker } from '../../support/broker.ts';
import { findViolations } from '../../support/faults/invariants.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await openTestBroker();
});

afterEach(async () => {
  await broker.runDue();
  const { store, clock, connectors } = broker;
  expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
  await store.close();
});

/** A request whose server died after it had recorded the intent, before or after the credential was made. */
async function leaveBegun(options: { readonly made: boolean }) {
  const request = await broker.ask();
  broker.target.before(options.made ? 'probe' : 'issue', () => new Promise(() => {}));
  void broker.claim(dev, request.id);
  await expect.poll(() => broker.target.calls.at(-1)?.split(' ')[0]).toBe(options.made ? 'probe' : 'issue');
  return { request, claim: (await openAnother()).claim };
}

/** The same store and target, as a server that was started again sees them. */
async function openAnother(): Promise<TestBroker> {
  const { store, target, clock, connectors } = broker;
  const again = await openTestBroker({ store, connectors, clock });
  return { ...again, target, clock };
}

describe('a target that fails', () => {
  for (const step of ['issue', 'probe'] as const) {
    it(`at ${step}: the grant fails, the request stays approved, the next claim makes a new grant`, async () => {
      const request = await broker.ask();
      broker.target.failAt(step, 'connection refused');
      await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'target_failed' });
      expect(await broker.store.readRequest(request.id)).toMatchObject({ state: 'approved' });
      const [failed] = await broker.store.listGrants({ limit: 9 });
      expect(failed).toMatchObject({ state: 'revoking', endedBecause: 'failed' });
      expect(broker.woken()).toBe(1);

      await expect(broker.claim(dev, request.id)).rejects.toThrow(/earlier try is still being removed/);
      broker.target.failAt(step, undefined);
      await broker.runDue();
      expect(await broker.store.readGrant(failed?.id ?? '')).toMatchObject({ state: 'ended' });
      const { grant } = await broker.claim(dev, request.id);
      expect(grant.id).not.toBe(failed?.id);
      expect([...broker.target.live.keys()]).toEqual([grant.handle]);
    });
  }

  it('until the window is over: the request lapses and nothing is left', async () => {
    const request = await broker.ask();
    broker.target.failAt('issue', 'connection refused');
    await expect(broker.claim(dev, request.id)).rejects.toThrow(/connection refused/);
    await broker.clock.advance(900_000);
    await broker.runDue();
    expect(await broker.store.readRequest(request.id)).toMatchObject({ state: 'lapsed' });
    expect(await broker.store.findLiveGrant(request.id)).toBeUndefined();
  });

  it('when it delivers again: the grant stays, with the password that it had', async () => {
    const request = await broker.ask();
    const { grant } = await broker.claim(dev, request.id);
    broker.target.failAt('issue', 'connection refused');
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'target_failed' });
    expect(await broker.store.readGrant(grant.id)).toEqual(grant);
    expect(broker.target.live.size).toBe(1);
  });

  it('that is not configured any more is named', async () => {
    const request = await broker.ask();
    const { claim } = await openAnother().then((again) =>
      openTestBroker({ ...again, connectors: new Map() }),
    );
    await expect(claim(dev, request.id)).rejects.toThrow(/not configured any more/);
  });
});

describe('a server that died while it made a grant', () => {
  it('S4: goes on with the same grant at the next claim, whether the credential was made or not', async () => {
    for (const made of [false, true]) {
      const { request, claim } = await leaveBegun({ made });
      const begun = await broker.store.findLiveGrant(request.id);
      expect(begun?.state).toBe('provisioning');
      const { grant } = await claim(dev, request.id);
      expect(grant).toMatchObject({ id: begun?.id, state: 'active' });
      await broker.clock.advance(600_000);
      await broker.runDue();
      expect(broker.target.live.size).toBe(0);
    }
  });

  it('S4: takes it away at its end when nobody claims again', async () => {
    const { request } = await leaveBegun({ made: true });
    await broker.clock.advance(600_000);
    await broker.runDue();
    expect(broker.target.live.size).toBe(0);
    expect(await broker.store.readRequest(request.id)).toMatchObject({ state: 'approved' });
  });

  it('does not make a grant active that has reached its end', async () => {
    const { request, claim } = await leaveBegun({ made: true });
    await broker.clock.advance(600_000);
    await expect(claim(dev, request.id)).rejects.toMatchObject({ code: 'target_failed' });
    await broker.runDue();
    expect(await broker.store.listGrants({ limit: 9 })).toMatchObject([
      { state: 'ended', endedBecause: 'expired' },
    ]);
    await expect(claim(dev, request.id)).resolves.toMatchObject({ grant: { state: 'active' } });
  });

  it('takes it away in the same breath when the request is cancelled or lapses', async () => {
    const first = await leaveBegun({ made: true });
    await cancel(broker, dev, first.request.id);
    expect(await broker.store.listGrants({ limit: 9 })).toMatchObject([
      { state: 'revoking', endedBecause: 'done' },
    ]);
    expect(broker.woken()).toBe(1);
    const second = await leaveBegun({ made: true });
    await broker.clock.advance(900_000);
    const current = await broker.store.readRequest(second.request.id);
    expect(current && (await lapse(broker, current))).toBe(true);
    await broker.runDue();
    expect(broker.target.live.size).toBe(0);
  });
});

describe('taking a request back', () => {
  it('done twice it is done; what was claimed or belongs to somebody else cannot be taken back', async () => {
    broker.policy.outcome = 'needs_people';
    const pending = await broker.ask();
    await expect(cancel(broker, lead, pending.id)).rejects.toMatchObject({ code: 'not_found' });
    const cancelled = await cancel(broker, dev, pending.id);
    expect(await cancel(broker, dev, pending.id)).toEqual(cancelled);
    broker.policy.outcome = 'automatic';
    const claimed = await broker.ask();
    const { grant } = await broker.claim(dev, claimed.id);
    await expect(cancel(broker, dev, claimed.id)).rejects.toMatchObject({
      code: 'already_claimed',
      message: `${claimed.id} was claimed already: ${grant.id} is live`,
      hint: `jit done ${grant.id} gives it back`,
    });
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await expect(cancel(broker, dev, claimed.id)).rejects.toMatchObject({
      code: 'no_grant',
      message: `${claimed.id} was claimed, and its grant is not live any more`,
    });
  });

  it('I2: of 32 who cancel and claim at once one kind wins', async () => {
    const request = await broker.ask();
    const moves = Array.from({ length: 32 }, (_, index) =>
      index % 2 === 0 ? cancel(broker, dev, request.id) : broker.claim(dev, request.id),
    );
    await Promise.allSettled(moves);
    await broker.runDue();
    const current = await broker.store.readRequest(request.id);
    expect(['cancelled', 'claimed']).toContain(current?.state);
    expect(broker.target.live.size).toBe(current?.state === 'claimed' ? 1 : 0);
  });
});
