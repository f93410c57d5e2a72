import { afterAll, describe, expect, it } from 'vitest';
import { createServerBackend } from '../../src/adapters/backends/server.ts';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createHttp } from '../../src/adapters/oauth/http.ts';
import type { Http } from '../../src/core/ports/http.ts';
import { buildStoreUrl, startTestStores, type TestStores } from '../support/databases/postgres-stores.ts';
import { createHistory } from '../support/faults/history.ts';
import { startLoad } from '../support/faults/load.ts';
import { prepareReplicas } from '../support/faults/replicas.ts';
import type { Someone } from '../support/programs/log-in.ts';
import { createRandom } from '../support/random.ts';

const REPLICAS = [0, 1, 2];

const stores = await startTestStores('embedded');

afterAll(() => stores?.stop());

/** Every exchange that was not answered, or answered with a fault of the server's: none is hidden by trying again. */
function createWatchedHttp(): { readonly http: Http; readonly faults: readonly string[]; count(): number } {
  const inner = createHttp();
  const faults: string[] = [];
  let sent = 0;
  return {
    faults,
    count: () => sent,
    http: {
      send: async (call) => {
        sent += 1;
        try {
          const answer = await inner.send(call);
          if (answer.status >= 500) faults.push(`${call.method} ${call.url}: ${answer.status}`);
          return answer;
        } catch (error) {
          faults.push(`${call.method} ${call.url}: ${error}`);
          throw error;
        }
      },
    },
  };
}

function callThrough(http: Http, url: string, { session }: Someone): Someone {
  const source = { read: async () => session, renew: async () => session };
  const backend = createServerBackend({ server: url, http, session: source, clock: createSystemClock() });
  return { session, backend };
}

async function openReplicas({ server, makeDatabase }: TestStores) {
  const store = buildStoreUrl(await makeDatabase());
  const replicas = await prepareReplicas({
    count: REPLICAS.length,
    store,
    target: server,
    settings: { drain: '1s' },
  });
  await replicas.start(0);
  const people = await Promise.all(['dev', 'eva', 'dba-lead'].map((name) => replicas.logIn(name)));
  await Promise.all(REPLICAS.slice(1).map((index) => replicas.start(index)));
  return { replicas, people };
}

describe.skipIf(!stores)('three replicas that are restarted one after the other under load', () => {
  it('answer every request', async () => {
    if (!stores) return;
    const { replicas: opened, people } = await openReplicas(stores);
    await using replicas = opened;
    const watched = createWatchedHttp();
    const [dev, eva, lead] = people.map((someone) => callThrough(watched.http, replicas.url, someone));
    if (!dev || !eva || !lead) throw new Error('nobody is logged in');
    const load = startLoad({
      url: replicas.url,
      secret: replicas.apiSecret,
      people: [dev, eva],
      lead,
      history: createHistory(),
      random: createRandom(1),
      services: ['orders-api', 'billing-api'],
      decided: 'orders',
    });
    for (const index of REPLICAS) {
      expect(await replicas.stop(index)).toBe(0);
      await replicas.start(index);
    }
    await load.stop();
    expect(watched.faults).toEqual([]);
    expect([load.listComplaints(), load.counts.unanswered]).toEqual([[], 0]);
    expect(watched.count()).toBeGreaterThan(20);
  }, 90_000);
});
