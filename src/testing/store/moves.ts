import assert from 'node:assert/strict';
import { hasCode } from '../../core/errors.ts';
import type { Store, Transition } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';
import { buildEvent } from './rows.ts';

/** One change of a request, as the broker would write it. */
export function buildMove(before: AccessRequest, after: AccessRequest): Transition {
  return { request: { before, after }, event: buildEvent('request.reviewed', { requestId: before.id }) };
}

export async function expectMoved(
  store: Store,
  before: AccessRequest,
  after: AccessRequest,
): Promise<AccessRequest> {
  assert.equal(await store.commit(buildMove(before, after)), 'committed');
  return after;
}

export async function expectLost(store: Store, before: AccessRequest, after: AccessRequest): Promise<void> {
  assert.equal(await store.commit(buildMove(before, after)), 'lost');
}

/** No caller may ever ask for it, whoever was first. */
export async function expectRefused(
  store: Store,
  ...[before, after, why]: [before: AccessRequest, after: AccessRequest, why?: string]
): Promise<void> {
  await assert.rejects(
    store.commit(buildMove(before, after)),
    (error) => hasCode(error, 'failed'),
    why ?? 'it was not refused',
  );
}
