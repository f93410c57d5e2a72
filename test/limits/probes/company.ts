import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { vi } from 'vitest';
import { createVerifier } from '../../../src/adapters/oauth/company/verifier.ts';
import { ANNOTATION_KINDS } from '../../../src/adapters/policy/annotation-kinds.ts';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import type { ServerConfig } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import { decodeCompanyPerson, decodeStrengths } from '../../../src/core/wire/company-claims.ts';
import { openCompany } from '../../../src/server/compose/company.ts';
import { openCompanyState, sealCompanyState } from '../../../src/server/oauth/login/company-state.ts';
import { readLoginDemand } from '../../../src/server/oauth/login/demand.ts';
import { parseNext } from '../../../src/server/pages/next.ts';
import { agree, type Probe } from '../ground.ts';

/** Limits on a login at the company's provider, and on what that answers. */
export const companyProbes = {
  LONGEST_NEXT_CHARACTERS: (size) => parseNext(`/${'x'.repeat(size - 1)}`).length === size,
  COMPANY_LOGIN_SECONDS: (size) => {
    const secret = new Secret('a secret of the tests, as long as it needs to be');
    const { state } = sealCompanyState(secret, { tie: 'x', next: '/', demand: null, startedAt: 0 });
    return openCompanyState(secret, state, size * 1000) !== undefined;
  },
  LONGEST_COMPANY_STATE_CHARACTERS: (size) => {
    const secret = new Secret('a secret of the tests, as long as it needs to be');
    const begun = { tie: 'x', next: '', demand: null, startedAt: 0 };
    const bytes = Buffer.from(sealCompanyState(secret, begun).state, 'base64url').length;
    const next = 'x'.repeat(Math.floor((size * 3) / 4) - bytes);
    const { state } = sealCompanyState(secret, { ...begun, next });
    // A letter too many at the end says nothing: without the limit it would be the same login.
    return openCompanyState(secret, state.padEnd(size, 'A'), 0) !== undefined;
  },
  COMPANY_TIMEOUT_MS: async (size) => {
    const timer = vi.spyOn(AbortSignal, 'timeout');
    await discovers(100);
    const waits = timer.mock.calls.map(([ms]) => ms);
    timer.mockRestore();
    return Math.min(...waits) >= size;
  },
  COMPANY_ANSWER_BYTES: (size) => discovers(size),
  COMPANY_CLOCK_SECONDS: (size) => verifies({ aheadSeconds: size, keys: 1 }),
  MOST_COMPANY_KEYS: (size) => verifies({ aheadSeconds: 0, keys: size }),
  LONGEST_ID_TOKEN_CHARACTERS: async (size) => {
    const verifier = createVerifier({ ...VERIFIER, fetch: async () => Response.json({ keys: [] }) });
    const error: unknown = await verifier.verify('x'.repeat(size)).catch((reason: unknown) => reason);
    return error instanceof Error && !error.message.includes('too large');
  },
  LONGEST_SUB_CHARACTERS: (size) => isPerson({ sub: 'x'.repeat(size) }),
  MOST_GROUPS: (size) => isPerson({ groups: Array.from({ length: size }, (_, index) => `g${index}`) }),
  LONGEST_GROUP_CHARACTERS: (size) => isPerson({ groups: ['x'.repeat(size)] }),
  MOST_STRENGTHS: (size) =>
    agree([
      decodeStrengths({ amr: listStrengths(size) }) !== undefined,
      decodeStrengths({ amr: Array.from({ length: size }, () => 'same') }) !== undefined,
      ANNOTATION_KINDS.login_strength?.isWellFormed(listStrengths(size).join(', ')) ?? false,
      readLoginDemand({ acr_values: listStrengths(size).join(' ') })?.strengths.length === size,
    ]),
} satisfies Readonly<Record<string, Probe>>;

const VERIFIER = {
  issuer: 'https://login.example.com',
  clientId: 'jit',
  jwksUri: 'https://login.example.com/jwks',
  clock: { now: () => 1_000_000_000_000 },
};

function isPerson(change: Readonly<Record<string, unknown>>): boolean {
  const claims = { sub: 'u-1', preferred_username: 'ada', ...change };
  const names = { groupsClaim: 'groups', nameClaim: 'preferred_username', personClaim: null };
  return decodeCompanyPerson(claims, names).kind === 'person';
}

async function verifies({
  aheadSeconds,
  keys,
}: {
  readonly aheadSeconds: number;
  readonly keys: number;
}): Promise<boolean> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'ours', alg: 'ES256' };
  const others = Array.from({ length: keys - 1 }, (_, index) => ({ ...jwk, kid: `other ${index}` }));
  const verifier = createVerifier({
    ...VERIFIER,
    fetch: async () => Response.json({ keys: [...others, jwk] }),
  });
  const iat = VERIFIER.clock.now() / 1000 + aheadSeconds;
  const token = await new SignJWT({ iss: VERIFIER.issuer, aud: 'jit', sub: 'u-1', iat, exp: iat + 300 })
    .setProtectedHeader({ alg: 'ES256', kid: 'ours' })
    .sign(privateKey);
  return verifier.verify(token).then(
    () => true,
    () => false,
  );
}

/** Is a provider known whose description of itself has so many bytes? */
async function discovers(bytes: number): Promise<boolean> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const metadata = JSON.stringify({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
  });
  server.on('request', (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(metadata.padEnd(bytes)),
  );
  try {
    return await starts(issuer);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function starts(issuer: string): Promise<boolean> {
  const clock = { now: () => 0, monotonicMs: () => 0, sleep: async () => {} };
  const company = openCompany({ config: buildConfig(issuer), clock });
  const keys = { state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) };
  const login = { redirectUri: 'http://127.0.0.1/login/callback', keys, demand: null, isOther: false };
  return Promise.resolve(company?.start(login)).then(
    () => true,
    () => false,
  );
}

function buildConfig(issuer: string): ServerConfig {
  const company = {
    issuer,
    clientId: 'jit',
    clientSecret: new Secret('a secret'),
    scopes: ['openid'],
    groupsClaim: 'groups',
    nameClaim: 'preferred_username',
    personClaim: null,
    refreshSeconds: 300,
  };
  const embedded = defaultServerConfig({ dataFolder: '/nowhere', timeZone: 'UTC' });
  return { ...embedded, identity: { devUsers: [], company, workloads: [] } };
}

function listStrengths(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `s${index}`);
}
