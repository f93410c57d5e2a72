import { CompactSign, importJWK, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { type GrantToken, signGrantToken, verifyGrantToken } from '../../../src/server/oauth/grant-token.ts';
import { makeSigningKey, openSigningKeys, sealSigningKeys } from '../../../src/server/oauth/keys.ts';
import { TEST_SECRET } from '../../support/oauth-server.ts';

const ISSUER = 'https://jit.example.com';
const NOW = Date.UTC(2026, 10, 21, 14, 0, 0);
const SECONDS = NOW / 1000;

const TOKEN: GrantToken = {
  issuer: ISSUER,
  subject: 'dev:dev',
  audience: 'https://orders.example.com',
  clientId: 'jit-cli',
  tokenId: 'tok_1',
  grantId: 'gr_1',
  digest: 'digest-1',
  scope: 'prod:db.read prod:db.write',
  issuedAt: NOW,
  expiresAt: NOW + 60_000,
};

const jwk = await makeSigningKey();
const keys = await openWith(jwk);

async function openWith(...jwks: readonly JWK[]) {
  const sealed = await sealSigningKeys(TEST_SECRET, jwks);
  return openSigningKeys({ secret: TEST_SECRET, readSetting: async () => sealed });
}

function verify(text: string, now = NOW) {
  return verifyGrantToken(text, { keys, issuer: ISSUER, now });
}

const CLAIMS = {
  iss: ISSUER,
  sub: 'dev:dev',
  aud: 'https://orders.example.com',
  client_id: 'jit-cli',
  iat: SECONDS,
  exp: SECONDS + 60,
  jti: 'tok_1',
  scope: 'prod:db.read',
  grant_id: 'gr_1',
  digest: 'digest-1',
};

/** Signed with jit's own key: only what stands in it can be the reason for a refusal. */
async function signRaw(claims: string, header: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const protectedHeader = { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid, ...header };
  return new CompactSign(new TextEncoder().encode(claims))
    .setProtectedHeader(protectedHeader as { readonly alg: string })
    .sign(await importJWK(jwk, 'ES256'));
}

const signClaims = (changes: Readonly<Record<string, unknown>>) =>
  signRaw(JSON.stringify({ ...CLAIMS, ...changes }));

describe('a grant token', () => {
  it('says what RFC 9068 asks for, and which grant and digest it belongs to', async () => {
    const token = await signGrantToken(keys, TOKEN);
    expect(String(token)).toBe('[redacted]');
    const [header, claims] = token.reveal().split('.');
    expect(JSON.parse(Buffer.from(header ?? '', 'base64url').toString())).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: keys.currentId,
    });
    expect(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString())).toEqual({
      ...CLAIMS,
      scope: 'prod:db.read prod:db.write',
    });
    expect(await verify(token.reveal())).toEqual(TOKEN);
  });

  it('TOK-04: ends no later than its grant', async () => {
    const token = await signGrantToken(keys, { ...TOKEN, expiresAt: NOW + 59_999 });
    expect((await verify(token.reveal()))?.expiresAt).toBe(NOW + 59_000);
  });

  it('TOK-01: is over at its end, to the millisecond', async () => {
    const token = (await signGrantToken(keys, TOKEN)).reveal();
    expect(await verify(token, NOW + 59_999)).toBeDefined();
    expect(await verify(token, NOW + 60_000)).toBeUndefined();
  });

  it('TOK-08: of an older key is good as long as the key is there', async () => {
    const token = (await signGrantToken(keys, TOKEN)).reveal();
    const rotated = await openWith(await makeSigningKey(), jwk);
    expect(await verifyGrantToken(token, { keys: rotated, issuer: ISSUER, now: NOW })).toEqual(TOKEN);
    const forgotten = await openWith(await makeSigningKey());
    expect(await verifyGrantToken(token, { keys: forgotten, issuer: ISSUER, now: NOW })).toBeUndefined();
  });
});

describe('TOK-01: what is no grant token of ours', () => {
  it('control: the corpus starts from a token that is good', async () => {
    expect(await verify(await signClaims({}))).toBeDefined();
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['another issuer', { iss: 'https://jit.example.com.evil.example' }],
    ['an issuer with a slash', { iss: `${ISSUER}/` }],
    ['no issuer', { iss: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['an audience that is an array', { aud: [CLAIMS.aud] }],
    ['no audience', { aud: undefined }],
    ['no client', { client_id: undefined }],
    ['no jti', { jti: undefined }],
    ['a jti that is a number', { jti: 1 }],
    ['no scope', { scope: undefined }],
    ['no grant', { grant_id: undefined }],
    ['no digest', { digest: null }],
    ['an end that is past', { exp: SECONDS }],
    ['an end with a fraction', { exp: SECONDS + 60.5 }],
    ['an end as text', { exp: String(SECONDS + 60) }],
    ['no end', { exp: undefined }],
    ['an endless end', { exp: 1e300 }],
    ['a beginning as text', { iat: String(SECONDS) }],
    ['no beginning', { iat: undefined }],
  ])('is refused: %s', async (_case, changes) => {
    expect(await verify(await signClaims(changes))).toBeUndefined();
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['typ JWT', { typ: 'JWT' }],
    ['typ of another kind of token', { typ: 'dpop+jwt' }],
    ['no typ', { typ: undefined }],
    ['no kid', { kid: undefined }],
    ['a kid that is a path', { kid: '../../etc/passwd' }],
    ['a kid that is nobody', { kid: 'unknown' }],
    ['crit', { crit: ['b64'], b64: true }],
    ['jku', { jku: 'https://evil.example/jwks' }],
    ['x5u', { x5u: 'https://evil.example/cert' }],
    ['jwk', { jwk: { kty: 'EC' } }],
  ])('is refused: a header with %s', async (_case, header) => {
    expect(await verify(await signRaw(JSON.stringify(CLAIMS), header))).toBeUndefined();
  });

  it('is refused: claims that could be read in two ways', async () => {
    const claims = JSON.stringify(CLAIMS);
    const twice = `${claims.slice(0, -1)},"sub":"dev:admin"}`;
    for (const text of [twice, ` ${claims}`, `${claims} `, `[${claims}]`, '"text"', 'null', '{']) {
      expect(await verify(await signRaw(text)), text).toBeUndefined();
    }
  });

  it('is refused: no algorithm, a swapped one, a foreign key', async () => {
    const good = await signClaims({});
    const [header = '', claims = '', signature = ''] = good.split('.');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'HS256', 'RS256', 'ES384']) {
      const swapped = encode({ alg, typ: 'at+jwt', kid: jwk.kid });
      expect(await verify(`${swapped}.${claims}.${signature}`), alg).toBeUndefined();
      expect(await verify(`${swapped}.${claims}.`), alg).toBeUndefined();
    }
    const foreign = await openWith(await makeSigningKey());
    const forged = (await signGrantToken({ ...foreign, currentId: keys.currentId }, TOKEN)).reveal();
    expect(await verify(forged)).toBeUndefined();
    expect(await verify(`${header}.${encode({ ...CLAIMS, sub: 'dev:admin' })}.${signature}`)).toBeUndefined();
  });

  it('is refused: trailing bytes, other spellings of the same bytes, 64 KiB', async () => {
    const good = await signClaims({});
    const last = good.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const respelled = good.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1];
    for (const text of [`${good}.`, `${good}=`, `${good}\n`, ` ${good}`, `${good}.x`, respelled]) {
      expect(await verify(text), text.slice(-8)).toBeUndefined();
    }
    expect(await verify(await signClaims({ digest: 'x'.repeat(65_536) }))).toBeUndefined();
    expect(await verify('')).toBeUndefined();
  });
});

describe('the signing keys', () => {
  it('are made once, rest encrypted, and are the same after a restart', async () => {
    const settings = new Map<string, string>();
    const readSetting = async (name: string, make: () => Promise<string>) => {
      settings.set(name, settings.get(name) ?? (await make()));
      return settings.get(name) ?? '';
    };
    const first = await openSigningKeys({ secret: TEST_SECRET, readSetting });
    const second = await openSigningKeys({ secret: TEST_SECRET, readSetting });
    expect(second.publicJwks).toEqual(first.publicJwks);
    const [stored = ''] = settings.values();
    const secretPart = first.revealJwks().keys[0]?.d ?? '';
    expect(secretPart).not.toBe('');
    expect(Buffer.from(stored, 'base64url').toString('latin1')).not.toContain(secretPart);
    expect(JSON.stringify(first.publicJwks)).not.toContain(secretPart);
  });

  it('do not open under another secret, or when the stored text was changed', async () => {
    const sealed = await sealSigningKeys(TEST_SECRET, [jwk]);
    const changed = `${sealed.slice(0, 40)}${sealed[40] === 'A' ? 'B' : 'A'}${sealed.slice(41)}`;
    const open = (secret: Secret, text: string) => openSigningKeys({ secret, readSetting: async () => text });
    await expect(open(new Secret('another'), sealed)).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(open(TEST_SECRET, changed)).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
