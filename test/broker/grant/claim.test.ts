import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancel } from '../../../src/broker/request/requests.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
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

/** The passwords of these answers, and which of them opens the target. */
function readPassword(delivery: Awaited<ReturnType<TestBroker['claim']>>): string | undefined {
  return delivery.credential?.secretEnvironment.PGPASSWORD?.reveal();
}

describe('claiming', () => {
  it('turns an approved request into an active grant whose clock starts now', async () => {
    const request = await broker.ask();
    await broker.clock.advance(300_000);
    const delivery = await broker.claim(dev, request.id);
    expect(delivery.request).toMatchObject({ state: 'claimed', grantId: delivery.grant.id });
    expect(delivery.grant).toMatchObject({
      state: 'active',
      claimedAt: broker.clock.now(),
      expiresAt: broker.clock.now() + 600_000,
      latestEndAt: broker.clock.now() + 14_400_000,
      handle: `role_${delivery.grant.id}`,
      digest: request.digest,
    });
    expect(await broker.store.readGrant(delivery.grant.id)).toEqual(delivery.grant);
  });

  it('S4: has the intent on record before anything is made, and the end planned with it', async () => {
    const request = await broker.ask();
    let seen: unknown;
    broker.target.before('issue', async () => {
      const grant = await broker.store.findLiveGrant(request.id);
      seen = { state: grant?.state, handle: grant?.handle, dueAt: await broker.store.findNextWorkAt() };
    });
    const { grant } = await broker.claim(dev, request.id);
    expect(seen).toEqual({ state: 'provisioning', handle: grant.handle, dueAt: grant.expiresAt });
  });

  it('again delivers the same grant and token id with a new password; the old one is dead', async () => {
    const request = await broker.ask();
    const first = await broker.claim(dev, request.id);
    const second = await broker.claim(dev, request.id);
    expect(second.grant).toMatchObject({ id: first.grant.id, tokenId: first.grant.tokenId, state: 'active' });
    expect(readPassword(second)).not.toBe(readPassword(first));
    expect([...broker.target.live.values()].map(({ password }) => password)).toEqual([readPassword(second)]);
  });

  it("of somebody else's request is not_found, before and after", async () => {
    const request = await broker.ask();
    await expect(broker.claim(lead, request.id)).rejects.toMatchObject({ code: 'not_found' });
    await broker.claim(dev, request.id);
    await expect(broker.claim(lead, request.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(broker.claim(dev, 'req_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('asks policy again at that moment: what it no longer allows is denied and stays unclaimed', async () => {
    const request = await broker.ask();
    broker.policy.outcome = 'denied';
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'denied' });
    broker.policy.outcome = 'needs_people';
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'denied' });
    expect(broker.target.calls).toEqual([]);
    broker.policy.outcome = 'automatic';
    await expect(broker.claim(dev, request.id)).resolves.toMatchObject({ grant: { state: 'active' } });
  });

  it('APR-04: goes by the answer of the same breath, and asks anew about anything that is not the same any more', async () => {
    const isAskedAgain = async (change: () => unknown, asker = dev) => {
      const request = await broker.ask();
      await change();
      const before = broker.policy.questions.length;
      const { grant } = await broker.claim(asker, request.id);
      const isAsked = broker.policy.questions.length > before;
      await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
      await broker.runDue();
      return isAsked;
    };
    const principal = { ...dev.principal, groups: [...dev.principal.groups, 'oncall'] };
    expect(await isAskedAgain(() => {})).toBe(false);
    expect(await isAskedAgain(() => broker.clock.advance(1_000))).toBe(false);
    expect(await isAskedAgain(() => broker.clock.advance(1_001))).toBe(true);
    expect(await isAskedAgain(() => broker.clock.setWall(broker.clock.now() - 1))).toBe(true);
    expect(await isAskedAgain(() => {}, { ...dev, principal })).toBe(true);
    expect(await isAskedAgain(() => {}, { ...dev, ip: '192.0.2.7' })).toBe(true);
    expect(await isAskedAgain(() => {}, { ...dev, login: { ...dev.login, at: dev.login.at + 1 } })).toBe(
      true,
    );
  });

  it('says what became of a request that cannot be claimed', async () => {
    const asked = async (change: (request: AccessRequest) => Promise<unknown>) => {
      const request = await broker.ask();
      await change(request);
      return broker.claim(dev, request.id);
    };
    await expect(asked((request) => cancel(broker, dev, request.id))).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(asked(() => broker.clock.advance(900_000))).rejects.toMatchObject({ code: 'lapsed' });
    broker.policy.outcome = 'denied';
    await expect(asked(async () => {})).rejects.toMatchObject({ code: 'denied' });
    broker.policy.outcome = 'needs_people';
    await expect(asked(async () => {})).rejects.toMatchObject({ code: 'still_pending' });
  });

  it('of a grant that was given back says so, and of one past its end too, also before it is taken away', async () => {
    const request = await broker.ask();
    const { grant } = await broker.claim(dev, request.id);
    await broker.clock.advance(600_000);
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'no_grant' });
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await expect(broker.claim(dev, request.id)).rejects.toThrow(/has ended \(done\)/);
  });
});

describe('claims at the same moment', () => {
  it('I2: 50 in one session are one grant, one credential and one answer', async () => {
    const request = await broker.ask();
    const answers = await Promise.all(Array.from({ length: 50 }, () => broker.claim(dev, request.id)));
    expect(new Set(answers.map(readPassword)).size).toBe(1);
    expect(broker.target.calls).toHaveLength(2);
    expect(broker.target.live.get(answers[0]?.grant.handle ?? '')?.password).toBe(
      readPassword(answers[0] ?? never()),
    );
  });

  it('I2: 50 in 50 sessions are one grant and one credential: the last answer works, none spoils another', async () => {
    const request = await broker.ask();
    const claims = Array.from({ length: 50 }, (_, index) =>
      broker.claim({ ...dev, ip: `127.0.0.${index}` }, request.id),
    );
    const answers = await Promise.all(claims);
    expect(new Set(answers.map(({ grant }) => grant.id)).size).toBe(1);
    expect(await broker.store.listGrants({ limit: 99 })).toHaveLength(1);
    expect([...broker.target.live.values()]).toMatchObject([
      { password: readPassword(answers.at(-1) ?? never()) },
    ]);
  });

  it('take turns: a second session cannot replace the password that the first one is trying', async () => {
    const request = await broker.ask();
    let second: Promise<unknown> | undefined;
    broker.target.before('probe', async () => {
      second = broker.claim({ ...dev, ip: '127.0.0.2' }, request.id);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    });
    await expect(broker.claim(dev, request.id)).resolves.toMatchObject({ grant: { state: 'active' } });
    await expect(second).resolves.toMatchObject({ grant: { state: 'active' } });
  });

  it('policy sees every session: one that it allows does not carry one that it does not', async () => {
    const request = await broker.ask();
    const decide = broker.policy.decide;
    Object.assign(broker.policy, {
      decide: (question: Parameters<typeof decide>[0]) => ({
        ...decide(question),
        outcome: question.circumstances.ip === '127.0.0.1' ? 'automatic' : 'denied',
      }),
    });
    const elsewhere = broker.claim({ ...dev, ip: '203.0.113.9' }, request.id);
    const [here, there] = await Promise.allSettled([broker.claim(dev, request.id), elsewhere]);
    expect(there).toMatchObject({ status: 'rejected', reason: { code: 'denied' } });
    expect(here).toMatchObject({ status: 'fulfilled' });
  });
});

describe('the request moves while its credential is made', () => {
  it('cancelled: the claim says so, and nothing is left at the target', async () => {
    const request = await broker.ask();
    broker.target.before('issue', () => cancel(broker, dev, request.id));
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'cancelled' });
    expect(broker.target.live.size).toBe(0);
    await broker.runDue();
    const [grant] = await broker.store.listGrants({ limit: 9 });
    expect(grant).toMatchObject({ state: 'ended', endedBecause: 'done' });
  });

  it('given back while it is delivered again: nobody is told a password, and the role does not come back', async () => {
    const request = await broker.ask();
    const { grant } = await broker.claim(dev, request.id);
    broker.target.before('issue', async () => {
      await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
      await broker.runDue();
    });
    await expect(broker.claim(dev, request.id)).rejects.toMatchObject({ code: 'no_grant' });
    expect(broker.target.live.size).toBe(0);
  });
});

function never(): never {
  throw new Error('there was no answer');
}
