import { describe, expect, it } from 'vitest';
import type { TokenAlgorithm } from '../../../../src/core/catalogue.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { ES256_KEYS, sealFirstKey } from '../../../../src/server/keys/kept-keys.ts';
import {
  describeSigned,
  type GrantToken,
  signGrantToken,
  verifyGrantToken,
} from '../../../../src/server/oauth/tokens/grant-token.ts';
import { TEST_SECRET } from '../../../support/oauth-server.ts';
import { makeSigningKey, openKeptKeys, openSigningKeys } from '../../../support/signing-keys.ts';
import { createForge, forgeBadTokens } from '../../../support/verifying/bad-tokens.ts';

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
const keys = await openSigningKeys(jwk);

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

const forge = createForge({ jwk, claims: CLAIMS });

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

  it('TOK-01: that was found good is judged anew: past its end, to the millisecond, elsewhere, and by another key of the same name', async () => {
    const text = (await signGrantToken(keys, TOKEN)).reveal();
    expect(await verify(text, NOW + 59_999)).toEqual(TOKEN);
    expect(await verify(text, NOW + 60_000)).toBeUndefined();
    const others = await openSigningKeys({ ...(await makeSigningKey()), kid: jwk.kid ?? '' });
    const good = { keys, issuer: ISSUER, now: NOW };
    for (const changed of [{ keys: others }, { issuer: 'https://elsewhere.example.com' }])
      expect(await verifyGrantToken(text, { ...good, ...changed })).toBeUndefined();
  });

  it('is bound to a key where it says so, and then says it', async () => {
    const bound = { ...TOKEN, keyThumbprint: 'k'.repeat(43) };
    const token = await signGrantToken(keys, bound);
    expect(await verify(token.reveal())).toEqual(bound);
    expect(describeSigned(token)).toEqual({ expiresAt: TOKEN.expiresAt, boundTo: 'k'.repeat(43) });
    expect(describeSigned(new Secret('opaque'))).toBeNull();
  });

  it('TOK-04: ends no later than its grant', async () => {
    const token = await signGrantToken(keys, { ...TOKEN, expiresAt: NOW + 59_999 });
    expect((await verify(token.reveal()))?.expiresAt).toBe(NOW + 59_000);
  });

  it('TOK-08: of an older key is good as long as the key is there', async () => {
    const token = (await signGrantToken(keys, TOKEN)).reveal();
    const rotated = await openSigningKeys(await makeSigningKey(), jwk);
    expect(await verifyGrantToken(token, { keys: rotated, issuer: ISSUER, now: NOW })).toEqual(TOKEN);
    const forgotten = await openSigningKeys(await makeSigningKey());
    expect(await verifyGrantToken(token, { keys: forgotten, issuer: ISSUER, now: NOW })).toBeUndefined();
  });
});

const badTokens = await forgeBadTokens(forge, SECONDS);

describe('TOK-01: what is no grant token of ours', () => {
  it('control: the corpus starts from a token that is good', async () => {
    expect(await verify(await forge.sign())).toBeDefined();
    expect(badTokens.length).toBeGreaterThan(50);
  });

  it.each(badTokens)('is refused: %s', async (_case, token) => {
    expect(await verify(token)).toBeUndefined();
  });

  it('is refused: white space around it, and nothing at all', async () => {
    const good = await forge.sign();
    for (const text of [`${good}\n`, ` ${good}`, '']) expect(await verify(text)).toBeUndefined();
  });
});

describe('the signing keys', () => {
  it('are made once, rest encrypted, and are the same after a restart', async () => {
    const settings = new Map<string, string>();
    await using started = await openKeptKeys(settings, TEST_SECRET);
    const first = started.signing;
    await using restarted = await openKeptKeys(settings, TEST_SECRET);
    expect(restarted.signing.publicJwks).toEqual(first.publicJwks);
    const stored = settings.get(ES256_KEYS.setting) ?? '';
    const secretPart = first.revealJwks().keys[0]?.d ?? '';
    expect(secretPart).not.toBe('');
    expect(Buffer.from(stored, 'base64url').toString('latin1')).not.toContain(secretPart);
    expect(JSON.stringify(first.publicJwks)).not.toContain(secretPart);
  });

  it('do not open under another secret, or when the stored text was changed', async () => {
    const sealed = await sealFirstKey(TEST_SECRET, ES256_KEYS);
    const changed = `${sealed.slice(0, 40)}${sealed[40] === 'A' ? 'B' : 'A'}${sealed.slice(41)}`;
    const open = (secret: Secret, text: string) =>
      openKeptKeys(new Map([[ES256_KEYS.setting, text]]), secret);
    await using opened = await open(TEST_SECRET, sealed);
    expect(opened.signing.publicJwks.keys).toHaveLength(1);
    await expect(open(new Secret('another'), sealed)).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(open(TEST_SECRET, changed)).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

describe('a grant token for a target with alg: RS256', () => {
  const settings = new Map<string, string>();
  const open = async (algorithms: readonly TokenAlgorithm[]) => {
    await using keeper = await openKeptKeys(settings, TEST_SECRET);
    await keeper.demand(algorithms);
    return keeper.signing;
  };
  const opened = open(['RS256']);
  const headerOf = (text: string) =>
    JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString());

  it('is signed with an RSA key, and read as any other', async () => {
    const both = await opened;
    const text = (await signGrantToken(both, { ...TOKEN, algorithm: 'RS256' })).reveal();
    expect(headerOf(text)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: both.findSigner('RS256')?.id });
    expect(await verifyGrantToken(text, { keys: both, issuer: ISSUER, now: NOW })).toEqual(TOKEN);
  });

  it('is beside the others: what does not ask for it is signed as before', async () => {
    const both = await opened;
    const text = (await signGrantToken(both, TOKEN)).reveal();
    expect(headerOf(text)).toMatchObject({ alg: 'ES256', kid: both.currentId });
    expect(await verifyGrantToken(text, { keys: both, issuer: ISSUER, now: NOW })).toEqual(TOKEN);
  });

  it('TOK-01: is refused with the algorithm of another key in its header, and with a signature of another key', async () => {
    const both = await opened;
    const [, claims = '', signature = ''] = (await signGrantToken(both, { ...TOKEN, algorithm: 'RS256' }))
      .reveal()
      .split('.');
    const kids = [both.currentId, both.findSigner('RS256')?.id];
    const headers = ['ES256', 'RS256', 'PS256', 'HS256', 'none'].flatMap((alg) =>
      kids.map((kid) => ({ alg, kid })),
    );
    for (const header of headers) {
      const encoded = Buffer.from(JSON.stringify({ ...header, typ: 'at+jwt' })).toString('base64url');
      const text = `${encoded}.${claims}.${signature}`;
      const read = await verifyGrantToken(text, { keys: both, issuer: ISSUER, now: NOW });
      // Even with the right ones: the members stand in another order, so that the signature is not of this header.
      expect(read, JSON.stringify(header)).toBeUndefined();
    }
  });

  it('has the same key after the next start, and shows nothing private of it', async () => {
    const again = await open(['RS256']);
    expect(again.publicJwks).toEqual((await opened).publicJwks);
    expect(again.publicJwks.keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ]);
  });

  it('has no key on a server where no target asks for one', async () => {
    const own = await open([]);
    expect(own.publicJwks.keys.map(({ kty }) => kty)).toEqual(['EC']);
    await expect(signGrantToken(own, { ...TOKEN, algorithm: 'RS256' })).rejects.toMatchObject({
      code: 'failed',
    });
  });
});
