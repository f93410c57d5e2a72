import assert from 'node:assert/strict';
import type { Store } from '../../core/ports/store.ts';
import { type AccessRequest, REQUEST_STATES } from '../../core/request.ts';
import type { SuiteRunner } from '../suite.ts';
import { buildEvent, buildGrant, buildRequest, moveGrant, storeRequest, submit } from './rows.ts';
import { count, type OpenSubject, onStore } from './subject.ts';

const CALLERS = 32;

/** The same thing is asked for once and held once, however many ask at the same moment. */
export function storeJoinSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'of 32 requests for the same thing by one person one is open; another may be made when it is settled',
    onStore(open, async (store) => {
      const first = buildRequest();
      const outcomes = Array.from({ length: CALLERS }, () => insert(store, again(first)));
      assert.equal(await count(outcomes, 'committed'), 1);
      assert.equal((await store.listEvents({ limit: 99 })).length, 1);
      for (const state of REQUEST_STATES) {
        const asked = await storeRequest(store, { state });
        const isOpen = state === 'pending' || state === 'approved';
        assert.equal(await insert(store, again(asked)), isOpen ? 'lost' : 'committed', state);
      }
    }),
  );

  test(
    'another person, target or set of scopes, break-glass and a refusal are not the same thing',
    onStore(open, async (store) => {
      const first = await storeRequest(store);
      const anna = { ...first.requestedBy, subject: 'anna' };
      const others = [
        { requestedBy: anna },
        { target: 'billing' },
        { scopes: first.scopes.slice(0, 1) },
        { breakGlass: true },
        { breakGlass: true },
        { state: 'denied' },
        { extendsGrantId: 'gr_held' },
      ] as const;
      for (const changes of others)
        assert.equal(await insert(store, again(first, changes)), 'committed', JSON.stringify(changes));
    }),
  );

  test(
    'what is held is not asked for anew until it is being revoked; more time on it may be',
    onStore(open, async (store) => {
      const claimed = await storeRequest(store, { state: 'claimed' });
      const begun = buildGrant(claimed);
      await store.commit({ grant: { insert: begun }, event: buildEvent('grant.provisioning') });
      assert.equal(await insert(store, again(claimed)), 'lost', 'while it is made');
      const active = await moveGrant(store, begun, { state: 'active' });
      assert.equal(await insert(store, again(claimed)), 'lost', 'while it is active');
      assert.equal(await insert(store, again(claimed, { target: 'billing' })), 'committed');
      assert.equal(await insert(store, again(claimed, { extendsGrantId: active.id })), 'committed');
      await moveGrant(store, active, { state: 'revoking', endedBecause: 'done' });
      assert.equal(await insert(store, again(claimed)), 'committed', 'while it is taken away');
    }),
  );

  test(
    'one grant has one open extension at a time',
    onStore(open, async (store) => {
      const extension = () => insert(store, buildRequest({ extendsGrantId: 'gr_held' }));
      assert.equal(await count(Array.from({ length: CALLERS }, extension), 'committed'), 1);
      assert.equal(await insert(store, buildRequest({ extendsGrantId: 'gr_other' })), 'committed');
    }),
  );
}

/** A request of its own for the same thing. */
function again(request: AccessRequest, changes: Partial<AccessRequest> = {}): AccessRequest {
  const { requestedBy, scopes, target } = request;
  return buildRequest({ requestedBy, scopes, target, ...changes });
}

function insert(store: Store, request: AccessRequest): Promise<'committed' | 'lost'> {
  return store.commit(submit(request));
}
