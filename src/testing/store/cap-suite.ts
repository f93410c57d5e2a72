import assert from 'node:assert/strict';
import type { Cap, Store } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';
import type { SuiteRunner } from '../suite.ts';
import { buildEvent, buildGrant, buildRequest, nextName, storeGrant, storeRequest } from './rows.ts';
import { count, type OpenSubject, onStore } from './subject.ts';

const RACERS = 50;
const MOST = 20;

type Outcome = Promise<'committed' | 'lost'>;

/** Caps hold exactly, whoever asks at the same moment. */
export function storeCapSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    `INP-01: of ${RACERS} requests of one person at one moment exactly ${MOST} are taken where that is the cap`,
    onStore(open, async (store) => {
      const outcomes = Array.from({ length: RACERS }, () => ask(store, buildRequest()));
      assert.equal(await count(outcomes, 'committed'), MOST);
      const open = await store.listRequests({ requestedBy: 'sub-dev', states: ['pending'], limit: 99 });
      assert.equal(open.length, MOST);
    }),
  );

  test(
    `INP-01: of ${RACERS} grants of one person at one moment exactly ${MOST} are begun where that is the cap`,
    onStore(open, async (store) => {
      const requests = await Promise.all(
        Array.from({ length: RACERS }, () => storeRequest(store, { state: 'approved' })),
      );
      const cap: Cap = { of: 'live grants', subject: 'sub-dev', most: MOST };
      const outcomes = requests.map((request) =>
        store.commit({
          grant: { insert: buildGrant(request) },
          event: buildEvent('grant.provisioning'),
          caps: [cap],
        }),
      );
      assert.equal(await count(outcomes, 'committed'), MOST);
      assert.equal((await store.listGrants({ heldBy: 'sub-dev', limit: 99 })).length, MOST);
    }),
  );

  test(
    'INP-01: a cap counts one person alone, and nothing that is over, an extension or break-glass',
    onStore(open, async (store) => {
      const grant = await storeGrant(store);
      const mine = { of: 'open requests', subject: 'sub-dev', most: 2 } as const;
      await storeRequest(store, { state: 'denied' });
      await storeRequest(store, { breakGlass: true });
      await storeRequest(store, { extendsGrantId: grant.id });
      const left = await store.listRequests({
        requestedBy: 'sub-dev',
        states: ['pending', 'approved'],
        limit: 9,
      });
      const counted = left.filter(({ breakGlass, extendsGrantId }) => !breakGlass && extendsGrantId === null);
      const most = counted.length + 1;
      assert.equal(await ask(store, buildRequest(), { ...mine, most }), 'committed');
      assert.equal(await ask(store, buildRequest(), { ...mine, most }), 'lost');
      const subject = nextName('sub-other');
      const requestedBy = { ...buildRequest().requestedBy, subject, person: subject };
      assert.equal(await ask(store, buildRequest({ requestedBy }), { ...mine, subject, most }), 'committed');
    }),
  );
}

function ask(
  store: Store,
  request: AccessRequest,
  cap: Cap = { of: 'open requests', subject: 'sub-dev', most: MOST },
): Outcome {
  return store.commit({ request: { insert: request }, event: buildEvent('request.submitted'), caps: [cap] });
}
