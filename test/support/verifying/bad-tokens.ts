import { CompactSign, importJWK, type JWK } from 'jose';
import { makeSigningKey } from '../signing-keys.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Signs whatever it is told to, with a good key: only what stands in the token can be the reason for a refusal. */
export type Forge = {
  readonly keyId: string;
  /** `iat` and `exp` in seconds; `changes` of undefined leave a claim out. */
  readonly sign: (changes?: Claims, header?: Claims) => Promise<string>;
  readonly signText: (text: string, header?: Claims) => Promise<string>;
  readonly claims: Claims;
};

export function createForge(options: { readonly jwk: JWK; readonly claims: Claims }): Forge {
  const { jwk, claims } = options;
  const signText = async (text: string, header: Claims = {}): Promise<string> => {
    const protectedHeader = { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid, ...header };
    return new CompactSign(new TextEncoder().encode(text))
      .setProtectedHeader(protectedHeader as { readonly alg: string })
      .sign(await importJWK(jwk, 'ES256'));
  };
  return {
    keyId: jwk.kid ?? '',
    claims,
    signText,
    sign: (changes = {}, header = {}) => signText(JSON.stringify({ ...claims, ...changes }), header),
  };
}

/** What each bad token has in its claims, in words. `seconds` is now. */
function listBadClaims({ claims }: Forge, seconds: number): readonly (readonly [string, Claims])[] {
  return [
    ['another issuer', { iss: `${claims.iss}.evil.example` }],
    ['an issuer with a slash', { iss: `${claims.iss}/` }],
    ['no issuer', { iss: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['an audience that is an array', { aud: [claims.aud] }],
    ['no audience', { aud: undefined }],
    ['no client', { client_id: undefined }],
    ['no jti', { jti: undefined }],
    ['a jti that is a number', { jti: 1 }],
    ['no scope', { scope: undefined }],
    ['no grant', { grant_id: undefined }],
    ['no digest', { digest: null }],
    ['an end that is past', { exp: seconds }],
    ['an end with a fraction', { exp: seconds + 60.5 }],
    ['an end as text', { exp: String(seconds + 60) }],
    ['no end', { exp: undefined }],
    ['an endless end', { exp: 1e300 }],
    ['a beginning as text', { iat: String(seconds) }],
    ['no beginning', { iat: undefined }],
    ['a time before which it is not good', { nbf: seconds + 1 }],
    ['a key that is no thumbprint', { cnf: { jkt: 'short' } }],
    ['a confirmation of another kind', { cnf: { 'x5t#S256': 'a'.repeat(43) } }],
    ['two confirmations', { cnf: { jkt: 'a'.repeat(43), kid: 'b' } }],
    ['64 KiB', { digest: 'x'.repeat(65_536) }],
  ];
}

/** Of tokens for another service: the server knows them, a service does not. */
export function listForeignClaims({ claims }: Forge): readonly (readonly [string, Claims])[] {
  return [
    ['another audience', { aud: 'https://billing.example.com' }],
    ['an audience that begins alike', { aud: `${claims.aud}.evil.example` }],
    ['a part of the audience', { aud: String(claims.aud).slice(0, -1) }],
  ];
}

const BAD_HEADERS: readonly (readonly [string, Claims])[] = [
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
];

/** TOK-01: everything that looks like a grant token and is none, with what is wrong with it. */
export async function forgeBadTokens(
  forge: Forge,
  seconds: number,
): Promise<readonly (readonly [string, string])[]> {
  const claims = JSON.stringify(forge.claims);
  const texts = [`${claims.slice(0, -1)},"sub":"dev:admin"}`, ` ${claims}`, `${claims} `, `[${claims}]`];
  const named = [
    ...listBadClaims(forge, seconds).map(([name, changes]) => [name, forge.sign(changes)] as const),
    ...BAD_HEADERS.map(([name, header]) => [`a header with ${name}`, forge.sign({}, header)] as const),
    ...[...texts, '"text"', 'null', '{'].map(
      (text) => [`claims written as ${text.slice(0, 20)}`, forge.signText(text)] as const,
    ),
  ];
  const signed = await Promise.all(named.map(async ([name, token]) => [name, await token] as const));
  return [...signed, ...(await forgeSignatures(forge)), ...respell(await forge.sign())];
}

async function forgeSignatures(forge: Forge): Promise<readonly (readonly [string, string])[]> {
  const [header = '', claims = '', signature = ''] = (await forge.sign()).split('.');
  const swapped = ['none', 'HS256', 'RS256', 'ES384'].flatMap((alg) => {
    const other = encode({ alg, typ: 'at+jwt', kid: forge.keyId });
    return [
      [`alg ${alg}`, `${other}.${claims}.${signature}`] as const,
      [`alg ${alg} and no signature`, `${other}.${claims}.`] as const,
    ];
  });
  const foreign = createForge({ jwk: await makeSigningKey(), claims: forge.claims });
  return [
    ...swapped,
    ['a foreign key under our name', await foreign.sign({}, { kid: forge.keyId })],
    ['claims that were changed', `${header}.${encode({ ...forge.claims, sub: 'dev:admin' })}.${signature}`],
  ];
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Other bytes, or other spellings of the same bytes. */
function respell(good: string): readonly (readonly [string, string])[] {
  const respelled = good.slice(0, -1) + ALPHABET[ALPHABET.indexOf(good.at(-1) ?? '') + 1];
  return [`${good}.`, `${good}=`, `${good}.x`, respelled].map((text) => [`…${text.slice(-8)}`, text]);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
