import { vi } from 'vitest';
import { defaultServerConfig } from '../../../src/core/config/default.ts';
import type { ServerConfig } from '../../../src/core/config.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { openWorkloads } from '../../../src/server/compose/workloads.ts';
import { decodeAssertion, judgeTimes } from '../../../src/server/oauth/workloads/assertion.ts';
import { createIssuerKeys } from '../../../src/server/oauth/workloads/issuer-keys.ts';
import type { Probe } from '../ground.ts';
import { withListener } from './outgoing.ts';

const ISSUER = 'https://ci.example.com';
const NOW = Date.UTC(2026, 10, 22, 14, 0, 0);
const IAT = NOW / 1000;
const CLAIMS = { iss: ISSUER, aud: 'https://jit.example.com', sub: 'pipeline' };

/** Limits on workloads' tokens. */
export const workloadProbes = {
  LONGEST_ASSERTION_CHARACTERS: (size) => decodeAssertion(buildOfLength(size)) !== undefined,
  LONGEST_ASSERTION_ID_CHARACTERS: (size) =>
    decodeAssertion(build({ ...CLAIMS, jti: 'x'.repeat(size) }, 'AAAA')) !== undefined,
  LONGEST_ASSERTION_SECONDS: (size) =>
    typeof judgeTimes({ iat: IAT - 1, exp: IAT - 1 + size }, NOW) === 'object',
  ASSERTION_TOLERANCE_SECONDS: (size) =>
    typeof judgeTimes({ iat: IAT + size, exp: IAT + 600 }, NOW) === 'object',
  ISSUER_ANSWER_BYTES: (size) => asksIssuer(size),
  ISSUER_TIMEOUT_MS: async (size) => {
    const timer = vi.spyOn(AbortSignal, 'timeout');
    await asksIssuer(100);
    const waits = timer.mock.calls.map(([ms]) => ms);
    timer.mockRestore();
    return Math.min(...waits) >= size;
  },
  MOST_ISSUER_KEYS: async (size) => {
    const answers: Readonly<Record<string, object>> = {
      [`${ISSUER}/.well-known/openid-configuration`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` },
      [`${ISSUER}/keys`]: { keys: Array.from({ length: size }, () => ({ kty: 'EC' })) },
    };
    const keys = createIssuerKeys({
      issuer: ISSUER,
      clock: { now: () => NOW },
      createOutgoing: () => async (url) => Response.json(answers[url]),
    });
    return keys.verify(build(CLAIMS, 'AAAA')).then(
      () => true,
      (error: unknown) => !hasCode(error, 'provider_failed'),
    );
  },
} satisfies Readonly<Record<string, Probe>>;

/** Does the server, as it is put together, take an answer of so many bytes? */
function asksIssuer(bytes: number): Promise<boolean> {
  return withListener(
    (_, response) => void response.end('x'.repeat(bytes)),
    async (url) => {
      const embedded = defaultServerConfig({ dataFolder: '/nowhere', timeZone: 'UTC' });
      const rule = { issuer: url } as ServerConfig['identity']['workloads'][number];
      const config = { ...embedded, identity: { ...embedded.identity, workloads: [rule] } };
      const answer = openWorkloads(config)?.createOutgoing([url])(url);
      return (await answer?.then((response) => response.text()).catch(() => ''))?.length === bytes;
    },
  );
}

function build(claims: object, signature: string): string {
  const parts = [{ alg: 'ES256' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...parts, signature].join('.');
}

/** No text of base64url has a length of 4n + 1: then the claims take one more. */
function buildOfLength(size: number): string {
  for (const pad of ['', 'x', 'xx']) {
    const claims = { ...CLAIMS, pad };
    const rest = size - build(claims, '').length;
    if (rest % 4 !== 1) return build(claims, 'A'.repeat(rest));
  }
  throw new Error(`no token is ${size} characters long`);
}
