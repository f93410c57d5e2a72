import { request } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken, logIn, makeProof, makeProofKey, type ProofKey } from '../support/device-client.ts';
import { type OAuthServer, startOAuthServer } from '../support/oauth-server.ts';

let server: OAuthServer;
let key: ProofKey;
let token: string;

beforeAll(async () => {
  server = await startOAuthServer();
  key = await makeProofKey();
  token = (await logIn(server.url, key)).access_token ?? '';
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

type Parts = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly scheme?: string;
};

function goodClaims(): Readonly<Record<string, unknown>> {
  return { htm: 'GET', htu: `${server.url}/v1/me`, ath: hashToken(token) };
}

function send(proof: string | undefined, authorization = `DPoP ${token}`): Promise<Response> {
  const headers: Record<string, string> = { authorization };
  if (proof !== undefined) headers.dpop = proof;
  return fetch(`${server.url}/v1/me`, { headers });
}

async function sendChanged({ claims, header, scheme = 'DPoP' }: Parts): Promise<Response> {
  return send(await makeProof(key, { ...goodClaims(), ...claims }, header), `${scheme} ${token}`);
}

async function expectRefused(response: Response, code = 'session_expired'): Promise<void> {
  const challenge = response.headers.get('www-authenticate');
  expect([response.status, await response.json(), challenge]).toEqual([
    401,
    { code },
    `DPoP realm="jit", algs="ES256 EdDSA Ed25519", resource_metadata="${server.url}/.well-known/oauth-protected-resource/v1"`,
  ]);
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

describe('the check in front of /v1', () => {
  it('lets a fresh proof by the right key through', async () => {
    expect((await sendChanged({})).status).toBe(200);
    expect((await sendChanged({ claims: { iat: nowSeconds() - 58 } })).status).toBe(200);
    const upper = `${server.url.toUpperCase()}/v1/me`;
    expect((await sendChanged({ claims: { htu: upper } })).status).toBe(200);
    expect((await sendChanged({ claims: { htu: `${server.url}/v1/me?x=1#y` } })).status).toBe(200);
  });

  it('takes an Ed25519 key', async () => {
    const edKey = await makeProofKey('Ed25519');
    const edToken = (await logIn(server.url, edKey)).access_token ?? '';
    const claims = { ...goodClaims(), ath: hashToken(edToken) };
    expect((await send(await makeProof(edKey, claims), `DPoP ${edToken}`)).status).toBe(200);
  });

  it('says that a login is needed when nothing was presented', async () => {
    await expectRefused(await fetch(`${server.url}/v1/me`), 'login_needed');
  });

  it.each<[string, Parts]>([
    ['typ', { header: { typ: 'JWT' } }],
    ['crit', { header: { crit: ['b64'], b64: true } }],
    ['htm', { claims: { htm: 'POST' } }],
    ['htm in lower case', { claims: { htm: 'get' } }],
    ['htu of another port', { claims: { htu: 'http://127.0.0.1/v1/me' } }],
    ['htu that is no address', { claims: { htu: '/v1/me' } }],
    ['no htu', { claims: { htu: undefined } }],
    ['ath', { claims: { ath: hashToken('another token') } }],
    ['no ath', { claims: { ath: undefined } }],
    ['no jti', { claims: { jti: undefined } }],
    ['an empty jti', { claims: { jti: '' } }],
    ['a jti that is a number', { claims: { jti: 7 } }],
    ['a jti of 300 characters', { claims: { jti: 'x'.repeat(300) } }],
    ['iat too old', { claims: { iat: nowSeconds() - 63 } }],
    ['iat too new', { claims: { iat: nowSeconds() + 90 } }],
    ['iat as text', { claims: { iat: String(nowSeconds()) } }],
    ['iat with a fraction', { claims: { iat: nowSeconds() + 0.5 } }],
    ['no iat', { claims: { iat: null } }],
    ['a bearer scheme', { scheme: 'Bearer' }],
    ['no known scheme', { scheme: 'Basic' }],
  ])('TOK-03: refuses a proof with a wrong %s', async (_field, parts) => {
    await expectRefused(await sendChanged(parts));
  });

  it('TOK-03: refuses a proof for another path', async () => {
    for (const path of ['/v1/me/', '/v1/other', '/v1/%6de', '']) {
      await expectRefused(await sendChanged({ claims: { htu: server.url + path } }));
    }
  });

  it('TOK-03: refuses a target that is spelt another way than the proof, also where it leads to the same place', async () => {
    const { hostname, port } = new URL(server.url);
    const ask = (path: string, htu: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        void makeProof(key, { ...goodClaims(), htu }).then((proof) => {
          const headers = { authorization: `DPoP ${token}`, dpop: proof };
          // `fetch` would tidy the path up before it is sent.
          request({ hostname, port, path, headers }, (response) => resolve(response.resume().statusCode))
            .on('error', reject)
            .end();
        });
      });
    const me = `${server.url}/v1/me`;
    expect(await ask('/v1/me', me)).toBe(200);
    expect(await ask('/v1/me?x=/../', me)).toBe(200);
    expect(await ask('/v1/%6de', me)).toBe(401);
    for (const path of ['/v1/x/%2e%2e/me', '/v1/x/../me', '/v1/./me']) {
      for (const htu of [me, server.url + path])
        expect([path, await ask(path, htu)]).not.toEqual([path, 200]);
    }
  });

  it('TOK-03: refuses a proof by another key', async () => {
    await expectRefused(await send(await makeProof(await makeProofKey(), goodClaims())));
  });

  it('TOK-03: refuses a proof whose header names the right key and another signed', async () => {
    const other = await makeProofKey();
    await expectRefused(await send(await makeProof({ ...other, jwk: key.jwk }, goodClaims())));
  });

  it('TOK-03: refuses a key with its private half, a symmetric key and other algorithms', async () => {
    const withPrivateHalf = await exportJWK(key.privateKey);
    await expectRefused(await sendChanged({ header: { jwk: withPrivateHalf } }));
    await expectRefused(await sendChanged({ header: { jwk: undefined } }));
    const symmetric = new TextEncoder().encode('a shared secret of 32 characters');
    const header = { typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: 'YSBzaGFyZWQgc2VjcmV0' } };
    await expectRefused(
      await send(
        await new SignJWT({ ...goodClaims(), jti: 'symmetric', iat: nowSeconds() })
          .setProtectedHeader(header)
          .sign(symmetric),
      ),
    );
    const rsa = await generateKeyPair('RS256', { extractable: true });
    const rsaKey = { privateKey: rsa.privateKey, jwk: await exportJWK(rsa.publicKey), alg: 'RS256' };
    await expectRefused(await send(await makeProof(rsaKey, goodClaims())));
  });

  it('TOK-03: refuses a proof with one byte changed in any part, without a signature, or twice', async () => {
    const proof = await makeProof(key, goodClaims());
    for (const part of [0, 1, 2]) {
      const parts = proof.split('.');
      const text = parts[part] ?? '';
      parts[part] = `${text.slice(0, 8)}${text[8] === 'A' ? 'B' : 'A'}${text.slice(9)}`;
      await expectRefused(await send(parts.join('.')));
    }
    await expectRefused(await send(proof.slice(0, proof.lastIndexOf('.') + 1)));
    await expectRefused(await send(`${proof}, ${proof}`));
    await expectRefused(await send(undefined));
    await expectRefused(await send('x'.repeat(8000)));
    expect((await send(proof)).status).toBe(200);
  });

  it('TOK-03: takes a proof once, also when it comes 20 times at the same moment', async () => {
    const proof = await makeProof(key, goodClaims());
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(proof)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    await expectRefused(await send(proof));
  });

  it('TOK-01: refuses tokens that are not ours in the same words', async () => {
    const proof = () => makeProof(key, goodClaims());
    for (const wrong of [
      '',
      'x',
      `${token}x`,
      token.slice(1),
      'a.b.c',
      `${token} ${token}`,
      'é'.repeat(40),
    ]) {
      await expectRefused(await send(await proof(), `DPoP ${encodeURI(wrong)}`));
    }
  });
});
