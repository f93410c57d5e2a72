import { createServer, type ServerResponse } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import type { WorkloadRule } from '../../src/core/config.ts';
import type { WorkloadParts } from '../../src/server/oauth/workloads/exchange.ts';

export type IssuerKey = {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly alg: string;
};

/** What signs the tokens of workloads, as a CI or a cluster does: its metadata, its keys, and tokens by them. */
export type FakeIssuer = AsyncDisposable & {
  readonly url: string;
  /** Those that are published; a test changes them. */
  readonly keys: IssuerKey[];
  /** How often the keys were asked for. */
  readonly asked: () => number;
  /** Answers every question so from now on; undefined: as it should be. */
  respond: ((response: ServerResponse, path: string) => void) | undefined;
  /** A token as it should be, but for the changes; a claim that is undefined is left out. */
  sign(changes?: TokenChanges): Promise<string>;
};

export type TokenChanges = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: IssuerKey;
};

export const WORKLOAD_AUDIENCE = 'https://jit.example.com';
export const WORKLOAD_SUBJECT = 'repo:shop/orders:ref:refs/heads/main';

export async function makeIssuerKey(kid: string, alg = 'RS256'): Promise<IssuerKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    privateKey: pair.privateKey,
    alg,
    jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' },
  };
}

export async function startFakeIssuer(): Promise<FakeIssuer> {
  const first = await makeIssuerKey('key-1');
  let asked = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/keys') asked += 1;
    if (issuer.respond) return issuer.respond(response, path);
    const document =
      path === '/keys' ? { keys: issuer.keys.map(({ jwk }) => jwk) } : buildMetadata(issuer.url);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer: FakeIssuer = {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    keys: [first],
    asked: () => asked,
    respond: undefined,
    sign: ({ claims = {}, header = {}, key = first } = {}) => {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const good = {
        iss: issuer.url,
        aud: WORKLOAD_AUDIENCE,
        sub: WORKLOAD_SUBJECT,
        iat: nowSeconds,
        exp: nowSeconds + 3600,
      };
      return new SignJWT({ ...good, ...claims })
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
        .sign(key.privateKey);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}

export function buildMetadata(url: string): object {
  return { issuer: url, jwks_uri: `${url}/keys` };
}

export function buildWorkloadRule(
  issuer: Pick<FakeIssuer, 'url'>,
  changes: Partial<WorkloadRule> = {},
): WorkloadRule {
  return {
    issuer: issuer.url,
    audience: WORKLOAD_AUDIENCE,
    principal: 'orders-ci',
    groups: ['pipelines'],
    claims: { sub: WORKLOAD_SUBJECT },
    ...changes,
  };
}

/** The rules, and a way to this machine. */
export function buildWorkloadParts(...rules: readonly WorkloadRule[]): WorkloadParts {
  return { rules, createOutgoing: (urls) => createOutgoing({ urls, allow: ['127.0.0.0/8'] }) };
}
