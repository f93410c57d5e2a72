import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Channel, ChannelMessage } from '../../../src/core/ports/channel.ts';
import { buildAsker, type TestBroker } from '../../support/broker.ts';
import { approveNow, openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;
let sent: ChannelMessage[];

beforeEach(async () => {
  sent = [];
  const channel: Channel = {
    name: 'chat',
    deliver: async (message) => {
      sent.push(message);
      return { reference: `message ${sent.length}` };
    },
    close: async () => {},
  };
  broker = await openReviewBroker(
    { approverGroups: ['dba'], escalationGroups: ['leads'] },
    { channels: new Map([['chat', channel]]) },
  );
});

afterEach(() => broker.store.close());

const listKinds = () => sent.map(({ notice }) => notice.kind);

it('tells people at once, reminds them, and then calls others', async () => {
  const request = await broker.ask();
  await broker.runDue();
  expect(listKinds()).toEqual(['request.pending']);
  await broker.clock.advance(600_000);
  await broker.runDue();
  await broker.clock.advance(600_000);
  await broker.runDue();
  expect(listKinds()).toEqual(['request.pending', 'request.reminder', 'request.escalated']);
  expect((await broker.store.readRequest(request.id))?.escalatedAt).toBe(broker.clock.now());
});

it('lets those who are called then stand in for the group that policy names, and not before', async () => {
  const boss = buildAsker('boss', ['leads']);
  broker.people.push(boss.principal);
  broker.policy.may = ({ action, principal }) =>
    action === 'approve' && principal.groups.some((group) => ['dba', 'leads'].includes(group));
  const request = await broker.ask();
  await expect(approveNow(broker, request, { asker: boss })).rejects.toMatchObject({ code: 'not_found' });
  await broker.clock.advance(1_200_000);
  await broker.runDue();
  expect((await approveNow(broker, request, { asker: boss })).state).toBe('approved');
});

it('calls nobody about what is decided', async () => {
  const request = await broker.ask();
  await approveNow(broker, request);
  await broker.clock.advance(1_300_000);
  await broker.runDue();
  expect(listKinds()).not.toContain('request.reminder');
  expect(listKinds()).not.toContain('request.escalated');
});

it('says on what people were told, once they were', async () => {
  const { readRequest } = await import('../../../src/broker/view/query.ts');
  const request = await broker.ask();
  const requester = buildAsker('dev', ['engineers']);
  expect((await readRequest(broker, requester, request.id)).told).toEqual([]);
  await broker.runDue();
  expect((await readRequest(broker, requester, request.id)).told).toEqual(['chat']);
});
