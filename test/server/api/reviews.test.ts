import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../src/broker/parts.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import type { RequestDocument } from '../../../src/core/wire/request.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { buildAsker, dev, lead, other } from '../../support/broker.ts';

type Answered = { readonly request: RequestDocument; readonly code?: string; readonly detail?: string };

let api: TestApi;
let request: AccessRequest;

const stranger = buildAsker('stranger', ['engineers']);
const robot: Asker = {
  ...buildAsker('robot', ['dba']),
  principal: { ...buildAsker('robot', ['dba']).principal, kind: 'workload' },
};

beforeEach(async () => {
  api = await openTestApi();
  api.broker.policy.outcome = 'needs_people';
  request = await api.broker.ask({ scopes: ['prod:db.read', 'prod:db.write'] });
});

afterEach(async () => {
  expect(api.errors).toEqual([]);
  await api[Symbol.asyncDispose]();
});

describe('denying', () => {
  const deny = (asker: Asker, body: unknown) =>
    api.post<Answered>(asker, `/v1/requests/${request.id}/deny`, body);

  it('ends the request with the reason', async () => {
    const { status, body } = await deny(lead, { reason: 'use the replica' });
    expect(status).toBe(200);
    expect(body.request).toMatchObject({
      state: 'denied',
      decision: { reviews: [{ by: 'lead', outcome: 'denied', reason: 'use the replica' }] },
    });
  });

  it('sent again after a lost answer finds its own review, and another reason is too late', async () => {
    await deny(lead, { reason: 'use the replica' });
    expect(await deny(lead, { reason: ' use the replica ' })).toMatchObject({ status: 200 });
    expect(await deny(lead, { reason: 'no' })).toMatchObject({ body: { code: 'already_decided' } });
    expect(await deny(other, { reason: 'use the replica' })).toMatchObject({
      body: { code: 'already_decided' },
    });
  });

  it.each([
    ['no reason', {}, 400],
    ['an empty reason', { reason: '   ' }, 422],
    ['more than a reason', { reason: 'no', state: 'denied' }, 400],
  ])('INP-01: is refused with %s', async (_, body, status) => {
    expect((await deny(lead, body)).status).toBe(status);
    expect((await api.broker.store.readRequest(request.id))?.state).toBe('pending');
  });

  it('APR-01: is not for the requester', async () => {
    expect(await deny(dev, { reason: 'never mind' })).toMatchObject({ body: { code: 'self_approval' } });
  });
});

describe('reviewing break-glass afterwards', () => {
  let broken: AccessRequest;

  beforeEach(async () => {
    api.broker.policy.outcome = 'automatic';
    const reason = 'the site is down and nobody is awake to approve it';
    broken = await api.broker.ask({ breakGlass: true, reason });
    await api.broker.claim(dev, broken.id);
  });

  const review = (asker: Asker, body: unknown) =>
    api.post<Answered>(asker, `/v1/requests/${broken.id}/review`, body);

  it('says whether it was right, once; sent again it finds its own word', async () => {
    const said = { outcome: 'objected', reason: 'the replica would have done' };
    expect(await review(lead, said)).toMatchObject({
      status: 200,
      body: { request: { afterwards: { state: 'objected', by: 'lead', reason: said.reason } } },
    });
    expect((await review(lead, said)).status).toBe(200);
    const changed = { ...said, outcome: 'accepted' };
    expect(await review(lead, changed)).toMatchObject({ status: 409, body: { code: 'already_decided' } });
    expect(await review(other, said)).toMatchObject({ status: 409, body: { code: 'already_decided' } });
  });

  it.each([
    ['APR-01: the requester', dev, 'self_approval'],
    ['a workload', robot, 'not_found'],
    ['somebody whom policy does not let', stranger, 'not_found'],
  ])('is refused for %s', async (_, asker, code) => {
    const said = { outcome: 'accepted', reason: 'it was right' };
    expect(await review(asker, said)).toMatchObject({ body: { code } });
  });

  it.each([
    [{ outcome: 'approved', reason: 'it was right' }],
    [{ outcome: 'accepted' }],
    [{ outcome: 'accepted', reason: 'it was right', by: 'lead' }],
  ])('INP-01: refuses %j', async (body) => {
    expect(await review(lead, body)).toMatchObject({ status: 400, body: { code: 'bad_message' } });
  });
});

describe('the dossier', () => {
  it('tells a reviewer all there is, and whether they may decide', async () => {
    const { status, body } = await api.get(lead, `/v1/requests/${request.id}/dossier`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      request: { id: request.id, digest: request.digest },
      may_decide: true,
      obstacle: null,
      requester: { name: 'dev', kind: 'person', groups: ['engineers'] },
      from: { ip: '127.0.0.1', method: 'device', logged_in_at: '2026-11-21T13:59:00Z' },
      verdicts: [{ scope: 'prod:db.read', outcome: 'needs_people' }, { scope: 'prod:db.write' }],
    });
  });

  it('tells the requester that they may not', async () => {
    const { body } = await api.get(dev, `/v1/requests/${request.id}/dossier`);
    expect(body).toMatchObject({ may_decide: false, obstacle: expect.stringContaining('your own') });
  });

  it('is none of a stranger’s business', async () => {
    for (const id of [request.id, 'req_0']) {
      const answer = await api.get(stranger, `/v1/requests/${id}/dossier`);
      expect(answer).toMatchObject({
        status: 404,
        body: { code: 'not_found', detail: `there is no request ${id}` },
      });
    }
  });
});
