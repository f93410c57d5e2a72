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

function approve(asker: Asker, changes: object = {}) {
  const body = { digest: request.digest, ...changes };
  return api.post<Answered>(asker, `/v1/requests/${request.id}/approve`, body);
}

describe('approving', () => {
  it('answers with the request as it is then, and says who approved it and how', async () => {
    const { status, body } = await approve(lead, { reason: 'fine' });
    expect(status).toBe(200);
    expect(body.request).toMatchObject({
      id: request.id,
      state: 'approved',
      decision: { reviews: [{ by: 'lead', outcome: 'approved', reason: 'fine', way: 'cli' }] },
    });
  });

  it('APR-05: lets through less, and never more', async () => {
    const wider = await approve(lead, { duration_seconds: 601 });
    expect(wider).toMatchObject({ status: 422, body: { code: 'cannot_widen' } });
    const less = await approve(lead, { scopes: ['prod:db.read'], duration_seconds: 60 });
    expect(less.body.request).toMatchObject({
      state: 'approved',
      scopes: ['prod:db.read'],
      duration_seconds: 60,
      originally: { scopes: ['prod:db.read', 'prod:db.write'], duration_seconds: 600 },
    });
  });

  it('APR-03: approves what was looked at and nothing else', async () => {
    const answer = await approve(lead, { digest: 'of something else' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'request_changed' } });
    expect((await api.broker.store.readRequest(request.id))?.state).toBe('pending');
  });

  it.each([
    ['the same again', {}],
    ['the same again, with a reason', { reason: ' fine ' }],
    ['less', { scopes: ['prod:db.read'], duration_seconds: 60, reason: 'only reading' }],
  ])('sent again after a lost answer finds its own review: %s', async (_, changes) => {
    expect((await approve(lead, changes)).status).toBe(200);
    const again = await approve(lead, changes);
    expect(again.status).toBe(200);
    expect(again.body.request.decision?.reviews).toHaveLength(1);
  });

  it('sent again while another person is still missing, finds its own review too', async () => {
    api.broker.policy.obligations = { ...api.broker.policy.obligations, approvals: 2 };
    request = await api.broker.ask({ target: 'orders', scopes: ['prod:db.write'] });
    const less = { duration_seconds: 60 };
    const first = await approve(lead, less);
    expect(first.body.request).toMatchObject({ state: 'pending', duration_seconds: 60 });
    expect(await approve(lead, less)).toMatchObject({ status: 200, body: { request: { state: 'pending' } } });
    expect(await approve(lead)).toMatchObject({ status: 200 });
    expect(await approve(other)).toMatchObject({ status: 409, body: { code: 'request_changed' } });
    const second = await approve(other, { digest: first.body.request.digest });
    expect(second.body.request).toMatchObject({ state: 'approved', duration_seconds: 60 });
  });

  it.each([
    ['with another effect', { duration_seconds: 60 }],
    ['with fewer scopes', { scopes: ['prod:db.read'] }],
    ['with another reason', { reason: 'on second thoughts' }],
  ])('sent again %s is told that it is decided', async (_, changes) => {
    await approve(lead);
    expect(await approve(lead, changes)).toMatchObject({ status: 409, body: { code: 'already_decided' } });
  });

  it('comes too late after somebody else', async () => {
    await approve(lead);
    expect(await approve(other)).toMatchObject({ status: 409, body: { code: 'already_decided' } });
  });

  it('comes too late after a denial, also by oneself', async () => {
    await api.post(lead, `/v1/requests/${request.id}/deny`, { reason: 'not today' });
    expect(await approve(lead, { reason: 'not today' })).toMatchObject({ body: { code: 'already_decided' } });
  });

  it.each([
    ['APR-01: the requester', dev, 403, 'self_approval'],
    ['a workload', robot, 404, 'not_found'],
    ['somebody whom policy does not let', stranger, 404, 'not_found'],
  ])('is refused for %s', async (_, asker, status, code) => {
    expect(await approve(asker)).toMatchObject({ status, body: { code } });
    expect((await api.broker.store.readRequest(request.id))?.state).toBe('pending');
  });

  it('is refused for a workload that may read the request', async () => {
    api.broker.policy.may = ({ action }) => action === 'read' || action === 'approve';
    expect(await approve(robot)).toMatchObject({ status: 403, body: { code: 'not_a_reviewer' } });
  });

  it.each([
    ['S2: a reviewer of its own', { by: 'lead' }],
    ['S2: a state', { state: 'approved' }],
    ['S2: a way of its own', { way: 'page' }],
    ['no digest', { digest: undefined }],
    ['no scope at all', { scopes: [] }],
    ['a wildcard', { scopes: ['prod:*.read'] }],
    ['half a second', { duration_seconds: 0.5 }],
    ['no time', { duration_seconds: 0 }],
    ['a number for a reason', { reason: 1 }],
  ])('INP-01: is refused with %s', async (_, changes) => {
    expect(await approve(lead, changes)).toMatchObject({ status: 400, body: { code: 'bad_message' } });
  });

  it('S12: is refused with a reason that hides something', async () => {
    const answer = await approve(lead, { reason: 'fine \u202e' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'bad_reason' } });
  });

  it.each(['req_0', 'gr_1', '../x', '%00', '\u202e', 'x'.repeat(2000)])('knows no request %s', async (id) => {
    const path = `/v1/requests/${encodeURIComponent(id)}/approve`;
    const answer = await api.post(lead, path, { digest: request.digest });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});
