import { expect, it } from 'vitest';
import { endPerson } from '../../src/broker/revocation/leave.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { dev, openTestBroker, type TestBroker } from '../support/broker.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { never } from '../support/never.ts';

/** A server that stands still for good at a write, before or after it; counts the writes. */
function cut(store: Store, at: number): { readonly store: Store; readonly frozen: Promise<void> } {
  const frozen = Promise.withResolvers<void>();
  let place = 0;
  const pass = async (): Promise<void> => {
    if (place > at) await never();
    place += 1;
    if (place <= at) return;
    frozen.resolve();
    await never();
  };
  const commit: Store['commit'] = async (transition) => {
    await pass();
    const outcome = await store.commit(transition);
    await pass();
    return outcome;
  };
  return { store: { ...store, commit }, frozen: frozen.promise };
}

/** Holds one grant, and waits for people on another request. */
async function openLeaver(): Promise<TestBroker> {
  const broker = await openTestBroker();
  await broker.claim(dev, (await broker.ask()).id);
  broker.policy.outcome = 'needs_people';
  await broker.ask({ durationSeconds: 900 });
  return broker;
}

const subject = dev.principal.subject;

it('I1, I2, I4: a server that dies at any write while it takes everything of somebody who left is followed by one that does', async () => {
  let ends = 0;
  for (let at = 0; ends === 0 && at < 40; at += 1) {
    const broker = await openLeaver();
    const dying = cut(broker.store, at);
    const ending = endPerson({ ...broker, store: dying.store }, subject, 'system').then(() => {
      ends += 1;
    });
    await Promise.race([ending, dying.frozen]);
    // The next one finds who left and still holds something, and begins again.
    await endPerson(broker, subject, 'system');
    await broker.runDue();
    const { store, connectors, clock } = broker;
    const left = await store.listGrants({ states: ['provisioning', 'active', 'revoking'], limit: 9 });
    const open = await store.listRequests({ states: ['pending', 'approved'], limit: 9 });
    expect([at, ...left, ...open]).toEqual([at]);
    expect(await findViolations({ store, connectors, now: clock.now() })).toEqual([]);
    expect(broker.target.live.size).toBe(0);
    if (ends > 0) expect(at).toBeGreaterThanOrEqual(6);
    await store.close();
  }
  expect(ends).toBe(1);
});
