import { expect, it } from 'vitest';
import { revoke } from '../../src/broker/revocation/revoke.ts';
import { dev, lead, openTestBroker } from '../support/broker.ts';

it('S10: while the clock cannot be trusted nothing new is given, and what is held is taken away all the same', async () => {
  const broker = await openTestBroker();
  const held = await broker.ask();
  const { grant } = await broker.claim(dev, held.id);
  let isTrusted = false;
  Object.assign(broker.clock, { readHealth: () => ({ offsetMs: 9_000, isTrusted }) });
  const wanted = await broker.ask({}, lead);
  await expect(broker.claim(lead, wanted.id)).rejects.toMatchObject({ code: 'server_clock_wrong' });
  expect(await broker.store.findLiveGrant(wanted.id)).toBeUndefined();
  await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
  await broker.runDue();
  expect((await broker.store.readGrant(grant.id))?.state).toBe('ended');
  isTrusted = true;
  expect((await broker.claim(lead, wanted.id)).grant.state).toBe('active');
  await broker.store.close();
});
