import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endPerson } from '../../../src/broker/revocation/leave.ts';
import { INBOX_POLLS_PER_PERSON } from '../../../src/core/limits.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { buildAsker, dev, lead, other } from '../../support/broker.ts';

type Inbox = {
  readonly position: number;
  readonly requests: readonly { readonly id: string }[];
  readonly afterwards: readonly unknown[];
};

let api: TestApi;

beforeEach(async () => {
  api = await openTestApi();
  api.broker.policy.outcome = 'needs_people';
});

afterEach(async () => {
  expect(api.errors).toEqual([]);
  await api[Symbol.asyncDispose]();
});

describe('the inbox', () => {
  it('has what waits for this reviewer, oldest first, and nothing for those who may not decide', async () => {
    const first = await api.broker.ask();
    await api.broker.clock.advance(1_000);
    const second = await api.broker.ask({ scopes: ['prod:db.write'] });
    const { status, body } = await api.get<Inbox>(lead, '/v1/inbox');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      as_of: '2026-11-21T14:00:01Z',
      requests: [{ id: first.id }, { id: second.id }],
      afterwards: [],
    });
    for (const asker of [dev, buildAsker('stranger')]) {
      expect((await api.get<Inbox>(asker, '/v1/inbox')).body.requests).toEqual([]);
    }
  });
});

describe('waiting for the inbox', () => {
  const poll = (position: number | string, waitSeconds: number | string = 25) =>
    api.get<Inbox>(lead, `/v1/inbox?after=${position}&wait_seconds=${waitSeconds}`);

  it('ends as soon as there is something new', async () => {
    const { position } = (await api.get<Inbox>(lead, '/v1/inbox')).body;
    const waiting = poll(position);
    await api.broker.clock.untilSleeping();
    const request = await api.broker.ask();
    expect((await waiting).body.requests).toMatchObject([{ id: request.id }]);
  });

  it('does not begin where something is new already', async () => {
    const { position } = (await api.get<Inbox>(lead, '/v1/inbox')).body;
    const request = await api.broker.ask();
    expect((await poll(position)).body.requests).toMatchObject([{ id: request.id }]);
  });

  it('ends with the time, with the same again', async () => {
    const { position } = (await api.get<Inbox>(lead, '/v1/inbox')).body;
    const waiting = poll(position, 2);
    await api.broker.clock.untilSleeping();
    await api.broker.clock.advance(2_000);
    expect((await waiting).body).toMatchObject({ position, requests: [] });
  });

  it('goes on when something happens that is none of this person’s business', async () => {
    api.broker.policy.may = ({ action, principal }) => action === 'approve' && principal.name === 'other';
    const { position } = (await api.get<Inbox>(lead, '/v1/inbox')).body;
    let isOver = false;
    const waiting = poll(position).then((answer) => {
      isOver = true;
      return answer;
    });
    await api.broker.clock.untilSleeping();
    await api.broker.ask();
    await api.broker.clock.advance(1_000);
    expect(isOver).toBe(false);
    await api.broker.clock.advance(25_000);
    expect((await waiting).body.requests).toEqual([]);
  });

  it('ends when a request that was there is decided by somebody else', async () => {
    const request = await api.broker.ask();
    const { position } = (await api.get<Inbox>(lead, '/v1/inbox')).body;
    const waiting = poll(position);
    await api.broker.clock.untilSleeping();
    await api.post(other, `/v1/requests/${request.id}/deny`, { reason: 'not today' });
    expect((await waiting).body.requests).toEqual([]);
  });

  it('ends when the server stops', async () => {
    const { position } = (await api.get<Inbox>(lead, '/v1/inbox')).body;
    const waiting = poll(position);
    await api.broker.clock.untilSleeping();
    api.live.feed.close();
    expect((await waiting).status).toBe(200);
  });

  it('does not begin with a position that this log has not reached: it is of another', async () => {
    expect((await poll(1_000_000)).body.position).toBeLessThan(1_000_000);
  });

  it.each([
    ['after', '-1', '1'],
    ['after', 'x', '1'],
    ['after', '1e3', '1'],
    ['wait_seconds', '0', '26'],
    ['wait_seconds', '0', ''],
  ])('INP-01: refuses a bad %s: after=%s, wait_seconds=%s', async (name, after, waitSeconds) => {
    const answer = await poll(after, waitSeconds);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'bad_message', detail: expect.stringContaining(name) },
    });
  });

  it('INP-01: is for so many at one time and not one more; who leaves makes room', async () => {
    await api.broker.ask();
    const { position } = (await api.get<Inbox>(lead, '/v1/inbox')).body;
    const waiting = Array.from({ length: INBOX_POLLS_PER_PERSON }, () => poll(position));
    await api.broker.clock.untilSleeping(INBOX_POLLS_PER_PERSON);
    expect(await poll(position)).toMatchObject({ status: 429, body: { code: 'too_many' } });
    expect((await api.get(other, '/v1/inbox?after=0&wait_seconds=1')).status).toBe(200);
    await api.broker.ask({ scopes: ['prod:db.write'] });
    await Promise.all(waiting);
    expect((await poll(0)).status).toBe(200);
  });
});

describe('somebody who left', () => {
  it('is gone from the inbox with what they asked', async () => {
    await api.broker.ask();
    await endPerson(api.broker, dev.principal.subject, 'system');
    expect((await api.get<Inbox>(lead, '/v1/inbox')).body.requests).toEqual([]);
  });
});
