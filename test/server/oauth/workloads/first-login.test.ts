import { afterEach, beforeEach, expect, it } from 'vitest';
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
