import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Answer,
  askMe,
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
  WORKLOAD_SUBJECT,
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
  vi.useRealTimers();
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const exchange = (assertion: string, by: ProofKey = key): Promise<Answer> =>
  askToken(server.url, by, { grant_type: GRANT, assertion });

/** Moves the clock of the whole process: the provider reads no other. */
function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

describe('a workload', () => {
  it('exchanges its token for a session of its own, bound to its key, without a refresh token', async () => {
    const { status, body } = await exchange(await issuer.sign());
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'DPoP', expires_in: 600 },
    ]);
    const me = await (await askMe(server.url, key, String(body.access_token))).json();
    expect(me).toMatchObject({
      principal: {
        subject: 'workload:orders-ci',
        name: 'orders-ci',
        kind: 'workload',
        groups: ['pipelines'],
      },
      login: { method: 'workload', strengths: [] },
    });
    const stolen = await askMe(server.url, await makeProofKey(), String(body.access_token));
    expect(stolen.status).toBe(401);
    expect(server.events).toMatchObject([
      {
        kind: 'session.started',
        subject: 'workload:orders-ci',
        detail: { method: 'workload', issuer: issuer.url, token_subject: WORKLOAD_SUBJECT },
      },
    ]);
    expect(server.errors).toEqual([]);
  });

  it('is logged in no longer than ten minutes, nor than its token', async () => {
    const { body } = await exchange(await issuer.sign());
    const end = Math.floor(Date.now() / 1000) + 30;
    const short = await exchange(await issuer.sign({ claims: { exp: end } }));
    expect(short.body.expires_in).toBeLessThanOrEqual(30);
    passTime(30_000);
    expect((await askMe(server.url, key, String(short.body.access_token))).status).toBe(401);
    passTime(570_000);
    expect((await askMe(server.url, key, String(body.access_token))).status).toBe(401);
  });

  it('renews by the same token, as long as it comes with the same key', async () => {
    for (const claims of [{ jti: 'once' }, {}]) {
      const token = await issuer.sign({ claims });
      expect((await exchange(token)).status).toBe(200);
      expect((await exchange(token)).status).toBe(200);
      const thief = await exchange(token, await makeProofKey());
      expect(thief).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_description: 'it came with another key before' },
      });
    }
  });

  it('belongs to one key, also when twenty come with the same token at the same moment', async () => {
    const token = await issuer.sign({ claims: { jti: 'raced' } });
    const keys = await Promise.all(Array.from({ length: 20 }, () => makeProofKey()));
    const answers = await Promise.all(keys.map((by) => exchange(token, by)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is gone when its rule is gone from the configuration', async () => {
    const { body } = await exchange(await issuer.sign());
    await using later = await startOAuthServer({
      protocol: server.protocol,
      workloads: buildWorkloadParts(buildWorkloadRule(issuer, { principal: 'other' })),
    });
    const before = await askMe(server.url, key, String(body.access_token));
    const after = await askMe(later.url, key, String(body.access_token));
    expect([before.status, after.status]).toEqual([200, 401]);
  });

  it('takes its session away itself', async () => {
    const { body } = await exchange(await issuer.sign());
    const token = String(body.access_token);
    expect((await postForm(`${server.url}/oauth/revoke`, { client_id: 'jit-cli', token })).status).toBe(200);
    expect((await askMe(server.url, key, token)).status).toBe(401);
  });

  it('TOK-03: needs a proof, and each proof is taken once', async () => {
    const fields = { client_id: 'jit-cli', grant_type: GRANT, assertion: await issuer.sign() };
    const url = `${server.url}/oauth/token`;
    expect((await postForm(url, fields)).body.error).toBe('invalid_dpop_proof');
    const dpop = await makeProof(key, { htm: 'POST', htu: url });
    const answers = [await postForm(url, fields, { dpop }), await postForm(url, fields, { dpop })];
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(answers[1]?.body.error).toBe('invalid_dpop_proof');
  });

  it('is nobody where the configuration has no workloads', async () => {
    await using other = await startOAuthServer();
    const fields = { grant_type: GRANT, assertion: await issuer.sign() };
    expect((await askToken(other.url, key, fields)).body.error).toBe('unsupported_grant_type');
    const metadata = async (url: string) =>
      (await fetch(`${url}/.well-known/oauth-authorization-server`)).json();
    expect(await metadata(other.url)).toMatchObject({
      grant_types_supported: expect.not.arrayContaining([GRANT]),
    });
    expect(await metadata(server.url)).toMatchObject({
      grant_types_supported: expect.arrayContaining([GRANT]),
    });
  });
});

describe('which workload a token stands for', () => {
  it('is told by every claim of one rule, exactly', async () => {
    const rules = ['main', 'release'].map((branch) =>
      buildWorkloadRule(issuer, { principal: branch, claims: { sub: WORKLOAD_SUBJECT, branch } }),
    );
    await using other = await startOAuthServer({ workloads: buildWorkloadParts(...rules) });
    const ask = async (claims: Readonly<Record<string, unknown>>) => {
      const assertion = await issuer.sign({ claims });
      const { body } = await askToken(other.url, key, { grant_type: GRANT, assertion });
      if (!body.access_token) return body.error_description;
      const me = (await (await askMe(other.url, key, String(body.access_token))).json()) as {
        readonly principal: { readonly name: string };
      };
      return me.principal.name;
    };
    expect(await ask({ branch: 'release' })).toBe('release');
    const none = 'its claims fit no rule, or more than one';
    for (const branch of [undefined, 'Main', 'main ', ['main'], { main: true }, true])
      expect(await ask({ branch })).toBe(none);
  });

  it('is left open by two rules, and so it is none', async () => {
    const rules = ['one', 'two'].map((principal) => buildWorkloadRule(issuer, { principal }));
    await using other = await startOAuthServer({ workloads: buildWorkloadParts(...rules) });
    const fields = { grant_type: GRANT, assertion: await issuer.sign() };
    expect((await askToken(other.url, key, fields)).body.error).toBe('invalid_grant');
  });
});
