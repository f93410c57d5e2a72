import { afterEach, beforeEach, expect, it } from 'vitest';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { Channel } from '../../../src/core/ports/channel.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import { dev, type TestBroker } from '../../support/broker.ts';
import { createScriptedChannel, refuse, type ScriptedChannel } from '../../support/fakes/scripted-channel.ts';
import { approveNow, openReviewBroker } from '../../support/reviews/reviewing.ts';

const BREAK_GLASS = { breakGlass: true, reason: 'INC-4211 the shop is down and nobody is awake' };

let broker: TestBroker;
let slack: ScriptedChannel;
let webhook: ScriptedChannel;

beforeEach(async () => {
  slack = createScriptedChannel('slack', undefined, { keepsCards: true });
  slack.answer = async () => ({ reference: 'card 1' });
  webhook = createScriptedChannel('webhook');
  const channels = new Map<string, Channel>([slack, webhook].map((channel) => [channel.name, channel]));
  broker = await openReviewBroker({}, { channels });
});

afterEach(() => broker.store.close());

/** What a channel was told, as it was then. */
function listTold({ told }: ScriptedChannel): readonly (readonly unknown[])[] {
  return told.map(({ notice, request, grant }) => [notice.kind, request.state, grant?.state]);
}

async function claimApproved(): Promise<AccessRequest> {
  const request = await broker.ask();
  await broker.runDue();
  await approveNow(broker, request);
  await broker.runDue();
  return (await broker.claim(dev, request.id)).request;
}

async function giveBack({ grantId }: AccessRequest): Promise<void> {
  await revoke(broker, { asker: dev, grantId: grantId ?? '', because: 'done' });
  await broker.runDue();
  await broker.runDue();
}

it('a card shows that it was claimed, and that it is over', async () => {
  const request = await claimApproved();
  await broker.runDue();
  await giveBack(request);
  expect(listTold(slack)).toEqual([
    ['request.pending', 'pending', undefined],
    ['request.decided', 'approved', undefined],
    ['request.changed', 'claimed', 'active'],
    ['request.changed', 'claimed', 'ended'],
  ]);
  expect(slack.told.map(({ references }) => references)).toEqual([[], ['card 1'], ['card 1'], ['card 1']]);
});

it('who keeps no cards hears of neither', async () => {
  await giveBack(await claimApproved());
  expect(listTold(webhook)).toEqual([
    ['request.pending', 'pending', undefined],
    ['request.decided', 'approved', undefined],
  ]);
});

it('a claim waits for no channel, and wakes whoever tells it', async () => {
  slack.answer = refuse;
  const asked = await broker.ask();
  await approveNow(broker, asked);
  const [before, told] = [broker.woken(), slack.told.length];
  expect((await broker.claim(dev, asked.id)).grant.state).toBe('active');
  expect([broker.woken(), slack.told.length]).toEqual([before + 1, told]);
});

it('what policy granted at once has no card, and nothing is written for one', async () => {
  broker.policy.outcome = 'automatic';
  const { request } = await broker.claim(dev, (await broker.ask()).id);
  await giveBack(request);
  expect(await broker.store.listNotices([request.id])).toEqual([]);
  expect([...slack.told, ...webhook.told]).toEqual([]);
});

it('the card of break-glass is kept up, too', async () => {
  broker.policy.outcome = 'automatic';
  const asked = await broker.ask(BREAK_GLASS);
  await broker.runDue();
  const { request } = await broker.claim(dev, asked.id);
  await broker.runDue();
  await giveBack(request);
  expect(listTold(slack)).toEqual([
    ['request.break_glass', 'approved', undefined],
    ['request.changed', 'claimed', 'active'],
    ['request.changed', 'claimed', 'ended'],
  ]);
});

it('more time has a card of its own, which shows that it was claimed', async () => {
  const { grantId } = await claimApproved();
  const more = await broker.ask({ extendsGrantId: grantId, durationSeconds: 3600 });
  await approveNow(broker, more);
  await broker.claim(dev, more.id);
  slack.told.length = 0;
  await broker.runDue();
  const ofMore = slack.told.filter(({ request }) => request.id === more.id);
  expect(ofMore.at(-1)).toMatchObject({ notice: { kind: 'request.changed' }, request: { state: 'claimed' } });
});

it('a request that needs nobody any more lapses with a word to those who were asked', async () => {
  const request = await broker.ask();
  broker.policy.outcome = 'automatic';
  expect(await approveNow(broker, request)).toMatchObject({ decision: { outcome: 'automatic' } });
  await broker.runDue();
  for (const { told } of [slack, webhook]) told.length = 0;
  await broker.clock.advance(900_000);
  await broker.runDue();
  await broker.runDue();
  for (const channel of [slack, webhook])
    expect(listTold(channel)).toEqual([['request.decided', 'lapsed', undefined]]);
});
