import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OnceEntry, ProtocolStore } from '../../../../src/core/ports/protocol-store.ts';
import {
  type Answer,
  askToken,
  makeProof,
  makeProofKey,
  type ProofKey,
  postForm,
} from '../../../support/device-client.ts';
import {
  buildWorkloadParts,
  buildWorkloadRule,
  type FakeIssuer,
  startFakeIssuer,
} from '../../../support/fake-issuer.ts';
import { type OAuthServer, startOAuthServer } from '../../../support/oauth-server.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

let issuer: FakeIssuer;
let server: OAuthServer;
let key: ProofKey;
beforeEach(async () => {
  issuer = await startFakeIssuer();
  server = await startOAuthServer({ workloads: buildWorkloadParts(buildWorkloadRule(issuer)) });
  key = await makeProofKey();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const exchange = (assertion: string, by: ProofKey = key): Promise<Answer> =>
  askToken(server.url, by, { grant_type: GRANT, assertion });

it('TOK-03: a proof that was used gives a token that nobody has used yet to no key', async () => {
  const dpop = await makeProof(key, { htm: 'POST', htu: `${server.url}/oauth/token` });
  const send = async (assertion: string): Promise<Answer> => {
    const fields = { client_id: 'jit-cli', grant_type: GRANT, assertion };
    return postForm(`${server.url}/oauth/token`, fields, { dpop });
  };
  expect((await send(await issuer.sign())).status).toBe(200);
  const unused = await issuer.sign({ claims: { jti: 'unused' } });
  expect((await send(unused)).body.error).toBe('invalid_dpop_proof');
  expect((await exchange(unused, await makeProofKey())).status).toBe(200);
});

/** The store of a server that is killed when it writes for the second time after it saw this token. */
function dieAfterFirstWord(kept: ProtocolStore): ProtocolStore {
  let isDead = false;
  const write = async <T>(isFirst: boolean, action: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Error('killed');
    isDead = isFirst;
    return await action();
  };
  return {
    ...kept,
    put: (entry) => write(false, () => kept.put(entry)),
    insertOnce: (entry) => write(entry.kind === 'JitAssertion', () => kept.insertOnce(entry)),
  };
}

it('a workload that came first to a server that died comes again with the same key, and nobody with another', async () => {
  const kept = server.protocol;
  const workloads = buildWorkloadParts(buildWorkloadRule(issuer));
  await using dying = await startOAuthServer({ workloads, protocol: dieAfterFirstWord(kept) });
  const assertion = await issuer.sign();
  expect((await askToken(dying.url, key, { grant_type: GRANT, assertion })).status).toBe(500);
  const thief = await exchange(assertion, await makeProofKey());
  expect(thief.body.error_description).toBe('it came with another key before');
  expect((await exchange(assertion)).status).toBe(200);
});

it('a workload that comes twice at the same moment with one key is taken both times', async () => {
  const asking = Promise.withResolvers<void>();
  const goingOn = Promise.withResolvers<void>();
  const kept = server.protocol;
  const held: ProtocolStore = {
    ...kept,
    insertOnce: async (entry) => {
      const isFirst = await kept.insertOnce(entry);
      if (entry.kind !== 'JitAssertion') return isFirst;
      asking.resolve();
      await goingOn.promise;
      return isFirst;
    },
  };
  const workloads = buildWorkloadParts(buildWorkloadRule(issuer));
  await using slow = await startOAuthServer({ workloads, protocol: held });
  const assertion = await issuer.sign();
  const first = askToken(slow.url, key, { grant_type: GRANT, assertion });
  await asking.promise;
  const second = await exchange(assertion);
  goingOn.resolve();
  expect([(await first).status, second.status]).toEqual([200, 200]);
});

it('a workload whose token a server of the version before saw first goes on with its key only', async () => {
  const { protocol } = server;
  const [assertion, id] = [await issuer.sign({ claims: { jti: 'older' } }), `${issuer.url}\njti older`];
  const expiresAt = Date.now() + 3_600_000;
  await protocol.insertOnce({ kind: 'JitAssertion', id, expiresAt });
  const jkt = await calculateJwkThumbprint(key.jwk);
  await protocol.put({ kind: 'JitAssertionKey', id, payload: { jkt }, expiresAt });
  expect((await exchange(assertion)).status).toBe(200);
  expect((await exchange(assertion, await makeProofKey())).status).toBe(400);
});

it('a server of the version before finds the key of a token that this one saw first', async () => {
  const { protocol } = server;
  expect((await exchange(await issuer.sign({ claims: { jti: 'newer' } }))).status).toBe(200);
  const found = await protocol.find('JitAssertionKey', `${issuer.url}\njti newer`);
  expect(found?.payload).toEqual({ jkt: await calculateJwkThumbprint(key.jwk) });
});

it('only the key of a token waits for the disk', async () => {
  const written: OnceEntry[] = [];
  const protocol: ProtocolStore = {
    ...server.protocol,
    insertOnce: (entry) => {
      written.push(entry);
      return server.protocol.insertOnce(entry);
    },
  };
  const workloads = buildWorkloadParts(buildWorkloadRule(issuer));
  await using other = await startOAuthServer({ workloads, protocol });
  await askToken(other.url, key, { grant_type: GRANT, assertion: await issuer.sign() });
  expect(written.map(({ kind, isBrief }) => [kind, isBrief ?? false])).toEqual([
    ['ReplayDetection', true],
    ['JitAssertion', false],
    ['JitAssertionKey', true],
  ]);
});
