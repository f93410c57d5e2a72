import { afterEach, beforeEach, expect, it } from 'vitest';
import { endPerson } from '../../../src/broker/revocation/leave.ts';
import { revokeMany } from '../../../src/broker/revocation/revoke-many.ts';
import { IDEMPOTENCY_HEADER } from '../../../src/core/wire/routes.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { admin, buildAsked, dev } from '../../support/broker.ts';

let api: TestApi;

beforeEach(async () => {
  api = await openTestApi();
  api.broker.policy.permitted = true;
});

afterEach(() => api[Symbol.asyncDispose]());

function ask(): Promise<Response> {
  const { durationSeconds, extendsGrantId, breakGlass, ...asked } = buildAsked();
  const body = { ...asked, duration_seconds: durationSeconds, extends_grant_id: null, break_glass: false };
  return api.send(dev, '/v1/requests', {
    method: 'POST',
    headers: { [IDEMPOTENCY_HEADER]: 'one' },
    body: JSON.stringify(body),
  });
}

/** Ends the session of `dev` and takes everything away, at the last moment at which there is nothing to take yet. */
function takeBeforeThereIsAnything(take: () => Promise<unknown>): void {
  const { store } = api.broker;
  const { commit } = store;
  Object.assign(store, {
    commit: async (...args: Parameters<typeof commit>) => {
      Object.assign(store, { commit });
      api.logOut(dev);
      await take();
      return commit(...args);
    },
  });
}

async function readGrants(): Promise<readonly unknown[]> {
  const grants = await api.broker.store.listGrants({ limit: 9 });
  return grants.map(({ state, endedBecause }) => [state, endedBecause]);
}

it('gives nothing to a session that an admin ends while policy grants', async () => {
  takeBeforeThereIsAnything(() => revokeMany(api.broker, admin, { user: 'dev', target: null }));
  expect((await ask()).status).toBe(401);
  expect(await readGrants()).toEqual([['revoking', 'revoked']]);
  await api.broker.runDue();
  expect(await readGrants()).toEqual([['ended', 'revoked']]);
});

it('leaves no request open for it either', async () => {
  api.broker.policy.outcome = 'needs_people';
  takeBeforeThereIsAnything(() => endPerson(api.broker, dev.principal.subject, 'system'));
  expect((await ask()).status).toBe(401);
  const [request] = await api.broker.store.listRequests({ limit: 9 });
  expect(request?.state).toBe('cancelled');
});

it('gives nothing to a session that is ended while its approved request is claimed', async () => {
  const request = await api.broker.ask();
  api.broker.target.before('issue', () => api.logOut(dev));
  const response = await api.send(dev, `/v1/requests/${request.id}/claim`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(401);
  expect(await readGrants()).toEqual([['revoking', 'revoked']]);
});
