import { createHmac, createPublicKey, KeyObject, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askToken, makeProofKey, type ProofKey } from '../../../support/device-client.ts';
import {
  buildWorkloadParts,
  buildWorkloadRule,
  type FakeIssuer,
  makeIssuerKey,
  startFakeIssuer,
  WORKLOAD_AUDIENCE,
  WORKLOAD_SUBJECT,
} from '../../../support/fake-issuer.ts';
import { type OAuthServer, startOAuthServer } from '../../../support/oauth-server.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const UNKNOWN = 'no issuer of the configuration made it for this server';
const TIMES = 'its times are missing, or no whole seconds';
const CLAIMS = 'its claims fit no rule, or more than one';

let issuer: FakeIssuer;
let stranger: FakeIssuer;
let server: OAuthServer;
let key: ProofKey;
beforeAll(async () => {
  issuer = await startFakeIssuer();
  stranger = await startFakeIssuer();
  server = await startOAuthServer({ workloads: buildWorkloadParts(buildWorkloadRule(issuer)) });
  key = await makeProofKey();
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  expect(stranger.asked()).toBe(0);
  for (const opened of [server, issuer, stranger]) await opened[Symbol.asyncDispose]();
});

const nowSeconds = () => Math.floor(Date.now() / 1000);
const LOADED_AT = nowSeconds();
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

const goodHeader = () => ({ alg: 'RS256', kid: 'key-1', typ: 'JWT' });
const goodClaims = () => ({
  iss: issuer.url,
  aud: WORKLOAD_AUDIENCE,
  sub: WORKLOAD_SUBJECT,
  iat: nowSeconds(),
  exp: nowSeconds() + 600,
});

/** Signed by the issuer's own key, whatever is in it: text stays the text that it is. */
function craft(header: unknown, claims: unknown): string {
  const data = `${encode(header)}.${encode(claims)}`;
  const [first] = issuer.keys;
  if (!first) throw new Error('the issuer has no key');
  return `${data}.${sign('sha256', Buffer.from(data), KeyObject.from(first.privateKey)).toString('base64url')}`;
}

const withHeader = (changes: object) => () => craft({ ...goodHeader(), ...changes }, goodClaims());
const withClaims = (changes: object) => () => craft(goodHeader(), { ...goodClaims(), ...changes });
const changed = (change: (token: string) => string) => () => change(craft(goodHeader(), goodClaims()));

/** A name twice in an object: one reader takes the first, another the last. */
function twice(value: object, extra: string): string {
  return JSON.stringify(value).replace(/^\{/, `{${extra},`);
}

function forge(alg: string, secret: string): string {
  const data = `${encode({ ...goodHeader(), alg })}.${encode(goodClaims())}`;
  return `${data}.${createHmac('sha256', secret).update(data).digest('base64url')}`;
}

type Case = readonly [name: string, make: () => string | Promise<string>, why: string];

const CORPUS: readonly Case[] = [
  // What it is
  ['no token', () => 'hello', UNKNOWN],
  ['two parts', changed((token) => token.split('.').slice(0, 2).join('.')), UNKNOWN],
  ['four parts', changed((token) => `${token}.x`), UNKNOWN],
  ['an empty signature', changed((token) => token.replace(/[^.]+$/, '')), UNKNOWN],
  ['trailing bytes', changed((token) => `${token} `), UNKNOWN],
  ['a trailing newline', changed((token) => `${token}\n`), UNKNOWN],
  ['padding', changed((token) => `${token}==`), UNKNOWN],
  ['another spelling of the same bytes', changed(respell), UNKNOWN],
  ['more than 16 KiB', withClaims({ padding: 'x'.repeat(16_384) }), UNKNOWN],
  ['a header that is a list', () => craft([goodHeader()], goodClaims()), UNKNOWN],
  ['claims that are text', () => craft(goodHeader(), '"claims"'), UNKNOWN],
  ['claims that are no JSON', () => craft(goodHeader(), '{'), UNKNOWN],
  // Its header
  ['alg none', () => `${encode({ alg: 'none' })}.${encode(goodClaims())}.AAAA`, UNKNOWN],
  ['alg None, signed', withHeader({ alg: 'None' }), UNKNOWN],
  ['alg in lower case', withHeader({ alg: 'rs256' }), UNKNOWN],
  ['alg that is missing', withHeader({ alg: undefined }), UNKNOWN],
  ['alg that is a list', withHeader({ alg: ['RS256'] }), UNKNOWN],
  ['alg of another family than the key', withHeader({ alg: 'ES256' }), UNKNOWN],
  ['alg PS256 over an RS256 signature', withHeader({ alg: 'PS256' }), UNKNOWN],
  ['HMAC with the public key as its secret', () => forge('HS256', readPublicPem()), UNKNOWN],
  ['HMAC with nothing', () => forge('HS256', ''), UNKNOWN],
  ['the typ of an access token', withHeader({ typ: 'at+jwt' }), UNKNOWN],
  ['the typ of a proof', withHeader({ typ: 'dpop+jwt' }), UNKNOWN],
  ['a typ that is no text', withHeader({ typ: 7 }), UNKNOWN],
  ['crit', withHeader({ crit: ['exp'] }), UNKNOWN],
  ['b64', withHeader({ b64: false, crit: ['b64'] }), UNKNOWN],
  ['a key of its own (jwk)', withHeader({ jwk: { kty: 'RSA' } }), UNKNOWN],
  [
    'where its key is (jku)',
    () => craft({ ...goodHeader(), jku: `${stranger.url}/keys` }, goodClaims()),
    UNKNOWN,
  ],
  ['where its key is (x5u)', () => craft({ ...goodHeader(), x5u: stranger.url }, goodClaims()), UNKNOWN],
  ['a certificate of its own (x5c)', withHeader({ x5c: ['AAAA'] }), UNKNOWN],
  ['a kid like a path', withHeader({ kid: '../../dev/null' }), UNKNOWN],
  ['a kid that is too long', withHeader({ kid: 'k'.repeat(257) }), UNKNOWN],
  ['a kid that is a number', withHeader({ kid: 1 }), UNKNOWN],
  ['alg twice', () => craft(twice(goodHeader(), '"alg":"none"'), goodClaims()), UNKNOWN],
  // Who made it
  ['another issuer that is well, too', () => stranger.sign(), UNKNOWN],
  [
    'another issuer’s key',
    async () => issuer.sign({ key: stranger.keys[0] ?? (await makeIssuerKey('x')) }),
    UNKNOWN,
  ],
  ['a key of the same name', async () => issuer.sign({ key: await makeIssuerKey('key-1') }), UNKNOWN],
  ['a key that is not published', async () => issuer.sign({ key: await makeIssuerKey('key-9') }), UNKNOWN],
  ['a changed claim', changed(swapClaims), UNKNOWN],
  ['an issuer with a slash more', () => withClaims({ iss: `${issuer.url}/` })(), UNKNOWN],
  ['an issuer that begins like it', () => withClaims({ iss: `${issuer.url}.evil.example` })(), UNKNOWN],
  ['an issuer in capitals', () => withClaims({ iss: issuer.url.toUpperCase() })(), UNKNOWN],
  ['issuers in a list', () => withClaims({ iss: [issuer.url] })(), UNKNOWN],
  ['no issuer', withClaims({ iss: undefined }), UNKNOWN],
  ['the issuer twice', () => craft(goodHeader(), twice(goodClaims(), `"iss":"${stranger.url}"`)), UNKNOWN],
  // Whom it is for
  ['no audience', withClaims({ aud: undefined }), UNKNOWN],
  ['another audience', withClaims({ aud: 'https://other.example.com' }), UNKNOWN],
  ['a part of the audience', withClaims({ aud: WORKLOAD_AUDIENCE.slice(0, -1) }), UNKNOWN],
  ['more than the audience', withClaims({ aud: `${WORKLOAD_AUDIENCE}.evil.example` }), UNKNOWN],
  [
    'an audience among others',
    withClaims({ aud: [WORKLOAD_AUDIENCE, 'https://other.example.com'] }),
    UNKNOWN,
  ],
  ['an audience that is an object', withClaims({ aud: { [WORKLOAD_AUDIENCE]: true } }), UNKNOWN],
  ['a number for a name of its own', withClaims({ jti: 7 }), UNKNOWN],
  ['an empty name of its own', withClaims({ jti: '' }), UNKNOWN],
  // When
  ['an end of this second', withClaims({ exp: nowSeconds() }), 'it has expired'],
  ['an end long ago', withClaims({ exp: 1 }), 'it has expired'],
  ['no end', withClaims({ exp: undefined }), TIMES],
  ['an end as text', withClaims({ exp: String(nowSeconds() + 600) }), TIMES],
  ['an end with a fraction', withClaims({ exp: nowSeconds() + 600.5 }), TIMES],
  ['no beginning', withClaims({ iat: undefined }), TIMES],
  ['a beginning as text', withClaims({ iat: String(nowSeconds()) }), TIMES],
  ['a beginning in two minutes', withClaims({ iat: nowSeconds() + 120 }), 'it is not valid yet'],
  ['not before two minutes from now', withClaims({ nbf: nowSeconds() + 120 }), 'it is not valid yet'],
  ['not before, as text', withClaims({ nbf: '0' }), TIMES],
  [
    'a life of more than a day',
    withClaims({ iat: LOADED_AT, exp: LOADED_AT + 86_401 }),
    'it lives longer than a day',
  ],
  ['a life of a year', withClaims({ exp: nowSeconds() + 31_536_000 }), 'it lives longer than a day'],
  // Who it is
  ['no subject', withClaims({ sub: undefined }), CLAIMS],
  ['another subject', withClaims({ sub: 'repo:shop/other:ref:refs/heads/main' }), CLAIMS],
  ['a subject that begins like it', withClaims({ sub: `${WORKLOAD_SUBJECT}-2` }), CLAIMS],
  ['a subject in capitals', withClaims({ sub: WORKLOAD_SUBJECT.toUpperCase() }), CLAIMS],
  ['a subject in a list', withClaims({ sub: [WORKLOAD_SUBJECT] }), CLAIMS],
];

describe('a token that is not to be taken', () => {
  it.each(CORPUS)('TOK-01: %s is refused, and nothing is written for it', async (_name, make, why) => {
    const before = server.protocol.dump();
    const answer = await askToken(server.url, key, { grant_type: GRANT, assertion: await make() });
    expect(answer).toEqual({ status: 400, body: { error: 'invalid_grant', error_description: why } });
    expect(server.protocol.dump() === before).toBe(true);
  });

  it('is one of these; as it should be, it is taken', async () => {
    const good = [
      craft(goodHeader(), goodClaims()),
      craft({ alg: 'RS256', kid: 'key-1' }, { ...goodClaims(), aud: [WORKLOAD_AUDIENCE] }),
      craft(goodHeader(), { ...goodClaims(), iat: nowSeconds() + 58, exp: nowSeconds() + 1 + 60 }),
      craft(goodHeader(), { ...goodClaims(), exp: nowSeconds() + 86_400 }),
    ];
    for (const assertion of good)
      expect((await askToken(server.url, key, { grant_type: GRANT, assertion })).status).toBe(200);
  });

  it('is none at all: the request is wrong', async () => {
    for (const fields of [{}, { assertion: '' }])
      expect((await askToken(server.url, key, { grant_type: GRANT, ...fields })).body.error).toBe(
        'invalid_request',
      );
  });
});

/** The last character of a part carries bits that decoders ignore. */
function respell(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = token.at(-1) ?? '';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1];
}

function swapClaims(token: string): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encode({ ...goodClaims(), admin: true })}.${signature}`;
}

function readPublicPem(): string {
  const { n = '', e = '' } = issuer.keys[0]?.jwk ?? {};
  const publicKey = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
