import { createCompany } from '../../../src/adapters/oauth/company/company.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import type { CompanyLogin } from '../../../src/core/ports/company.ts';
import { type Act, type Answer, sendAnswer } from '../broken-answers.ts';
import { type CompanyServer, startCompanyServer } from './provider.ts';

const CALLBACK = 'http://127.0.0.1:7420/login/callback';
const TIMEOUT_MS = 300;
const MAX_BODY_BYTES = 100_000;
export const KEYS = { state: 's'.repeat(64), nonce: 'n'.repeat(43), codeVerifier: 'v'.repeat(43) };

export type Claims = Record<string, unknown>;

/** A company whose answers are chosen path by path, and a client that has nothing cached. */
export type AnsweringCompany = AsyncDisposable & {
  readonly server: CompanyServer;
  readonly answers: Map<string, Answer | Act>;
  /** Those of a good ID token. */
  buildClaims(): Claims;
  /** Answers at the token endpoint: a good ID token but for the change, a good document but for the rest. */
  answerWithToken(change?: Claims, rest?: Claims): Promise<void>;
  /** Comes back from the company, with a good address but for the change. */
  finish(change?: Claims): Promise<CompanyLogin>;
};

export async function openAnsweringCompany(): Promise<AnsweringCompany> {
  const server = await startCompanyServer();
  const answers = new Map<string, Answer | Act>();
  server.intercept = (path, response) => {
    const answer = answers.get(path);
    if (answer === undefined) return false;
    sendAnswer(response, answer);
    return true;
  };
  const claims = () => buildClaims(server.issuer);
  return {
    server,
    answers,
    buildClaims: claims,
    async answerWithToken(change = {}, rest = {}) {
      const changed = Object.entries({ ...claims(), ...change }).filter(([, value]) => value !== undefined);
      const token = await server.sign(Object.fromEntries(changed));
      answers.set('/token', { body: { access_token: 'at', token_type: 'Bearer', id_token: token, ...rest } });
    },
    finish: (change = {}) => finish(server, change),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function buildClaims(issuer: string): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    sub: 'u-1',
    aud: 'jit',
    iat: now,
    exp: now + 300,
    auth_time: now,
    nonce: KEYS.nonce,
    preferred_username: 'ada',
    groups: ['engineers'],
  };
}

function finish(server: CompanyServer, change: Claims): Promise<CompanyLogin> {
  const query = new URLSearchParams({ code: 'c', state: KEYS.state, iss: server.issuer });
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) query.delete(name);
    else query.set(name, String(value));
  }
  const company = createCompany({
    provider: server.settings,
    sessionSeconds: 43_200,
    clock: { now: () => Date.now() },
    createOutgoing: (urls) =>
      createOutgoing({ urls, allow: [], timeoutMs: TIMEOUT_MS, maxBodyBytes: MAX_BODY_BYTES }),
  });
  return company.finish({ address: `${CALLBACK}?${query}`, keys: KEYS, demand: null });
}
