import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/adapters/store/postgres/open.ts';
import { hasCode } from '../../src/core/errors.ts';
import { approve, ask, buildSubmission, hold } from '../support/crash/scene.ts';
import { startTestStores } from '../support/databases/postgres-stores.ts';
import {
  askMe,
  hashToken,
  makeProof,
  makeProofKey,
  poll,
  postForm,
  startDevice,
} from '../support/device-client.ts';
import { raceToDecide } from '../support/faults/decision-race.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { FAULT_SEED } from '../support/faults/seed.ts';
import { startTwoReplicas, type TwoReplicas } from '../support/faults/two-replicas.ts';
import { confirmLogin, logIn, type Someone } from '../support/programs/log-in.ts';
import { openReviewBroker } from '../support/reviews/reviewing.ts';

const ROUNDS = 200;

const stores = await startTestStores('embedded');
let both: TwoReplicas;
let dev: Someone;
let lead: Someone;

beforeAll(async () => {
  if (!stores) return;
  both = await startTwoReplicas(await stores.makeDatabase());
  dev = await logIn(both.url, { user: 'dev' });
  lead = await logIn(both.url, { user: 'dba-lead' });
});

afterAll(async () => {
  if (!stores) return;
  const [store] = both.stores;
  if (store) expect(await findViolations({ store, now: Date.now() })).toEqual([]);
  expect(both.errors()).toEqual([]);
  await both[Symbol.asyncDispose]();
  await stores.stop();
});

function times<T>(count: number, make: (index: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

describe.skipIf(!stores)('two replicas that every other request goes to', () => {
  it('DEV-15: 50 parallel polls of both give one token, which works at both', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(both.url);
    // DEV-17: page, form and confirmation are answered by one and the other.
    await confirmLogin(both.url, userCode, { user: 'dev' });
    const answers = await times(50, () => poll(both.url, key, deviceCode));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    const token = String(won[0]?.body.access_token);
    const asked = await times(4, () => askMe(both.url, key, token));
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await poll(both.url, key, deviceCode)).body.error).toBe('invalid_grant');
  });

  it('TOK-03: a proof is used once, at whichever of them', async () => {
    const key = await makeProofKey();
    const { deviceCode, userCode } = await startDevice(both.url);
    await confirmLogin(both.url, userCode, { user: 'dev' });
    const { body } = await poll(both.url, key, deviceCode);
    const token = String(body.access_token);
    const dpop = await makeProof(key, { htm: 'GET', htu: `${both.url}/v1/me`, ath: hashToken(token) });
    const headers = { authorization: `DPoP ${token}`, dpop };
    const answers = await times(20, () => fetch(`${both.url}/v1/me`, { headers }));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const again = await makeProof(key, { htm: 'POST', htu: `${both.url}/oauth/token` });
    const fields = {
      client_id: 'jit-cli',
      grant_type: 'refresh_token',
      refresh_token: String(body.refresh_token),
    };
    const renewed = await times(20, () => postForm(`${both.url}/oauth/token`, fields, { dpop: again }));
    expect(renewed.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('I2: 32 sendings of one request, with one key, are one request and one grant', async () => {
    const submission = buildSubmission();
    const answers = await times(32, () => dev.backend.submit(submission));
    expect(new Set(answers.map(({ request }) => request.id)).size).toBe(1);
    const grants = new Set(answers.map(({ claimed }) => claimed?.grant.id));
    expect(grants.size).toBe(1);
    await dev.backend.revoke([...grants][0] ?? '', 'done');
  });

  it('I2: 32 claims of an approved request are one grant, and every token given is of it', async () => {
    const asked = await ask(dev.backend);
    await approve(lead.backend, asked);
    const claimed = await times(32, () => dev.backend.claim(asked.request.id));
    expect(new Set(claimed.map(({ grant }) => grant.id)).size).toBe(1);
    const good = await Promise.all(
      claimed.map(({ token }, index) => both.introspect(index % 2 === 0 ? 0 : 1, token)),
    );
    expect(new Set(good)).toEqual(new Set([true]));
    await dev.backend.revoke(claimed[0]?.grant.id ?? '', 'done');
  });

  it('I2: of 16 who approve and 16 who deny at both, one side decides', async () => {
    const asked = await ask(dev.backend);
    const { id } = asked.request;
    const moves = await Promise.allSettled(
      Array.from({ length: 32 }, (_, index) =>
        index % 2 === 0 ? approve(lead.backend, asked) : lead.backend.deny(id, 'not now'),
      ),
    );
    const { state } = await dev.backend.readRequest(id);
    const told = moves.flatMap((move) => (move.status === 'fulfilled' ? [move.value.state] : []));
    expect(new Set(told)).toEqual(new Set([state]));
    const refused = moves.flatMap((move) => (move.status === 'rejected' ? [move.reason] : []));
    expect(refused.filter((error) => !hasCode(error, 'already_decided', 'already_reviewed'))).toEqual([]);
    if (state === 'approved') await dev.backend.cancel(id);
  });

  it('TOK-06: a revocation at one of them shows at both with the next answer', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { claimed } = await hold(dev.backend);
      if (!claimed) throw new Error('nothing was granted');
      const { token, grant } = claimed;
      expect([await both.introspect(0, token), await both.introspect(1, token)]).toEqual([true, true]);
      await dev.backend.revoke(grant.id, 'done');
      expect([await both.introspect(0, token), await both.introspect(1, token)]).toEqual([false, false]);
    }
  });
});

describe.skipIf(!stores)('two brokers over one PostgreSQL', () => {
  it(`APR-02: of 32 who approve, deny, cancel, revoke and let lapse at once, one wins, ${ROUNDS} times (seed ${FAULT_SEED})`, async () => {
    if (!stores) return;
    const address = await stores.makeDatabase();
    const [one, other] = [await openPostgresStore({ address }), await openPostgresStore({ address })];
    const first = await openReviewBroker({}, { store: one.store });
    await raceToDecide(first, { ...first, store: other.store }, { seed: FAULT_SEED, rounds: ROUNDS });
    await Promise.all([one.close(), other.close()]);
  }, 240_000);
});
