import { createServer, type ServerOptions } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { hasCode } from '../../src/core/errors.ts';
import type { Grant } from '../../src/core/grant.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { ProtocolStore } from '../../src/core/ports/protocol-store.ts';
import { Secret } from '../../src/core/secret.ts';
import { buildChallenge, createAuthenticate } from '../../src/server/authenticate.ts';
import { createAddressReader } from '../../src/server/http/address.ts';
import type { SessionEvent } from '../../src/server/oauth/events.ts';
import { createAttempts } from '../../src/server/oauth/login/attempts.ts';
import { createDevelopmentIdentity } from '../../src/server/oauth/login/development-identity.ts';
import type { DeviceLogin } from '../../src/server/oauth/login/device-login.ts';
import {
  type AuthorizationServerOptions,
  createAuthorizationServer,
} from '../../src/server/oauth/provider/authorization-server.ts';
import { createResourceMetadata } from '../../src/server/oauth/resource-metadata.ts';
import { createTokenRoutes } from '../../src/server/oauth/services/token-routes.ts';
import type { SigningKeys } from '../../src/server/oauth/tokens/keys.ts';
import { withWorkloads } from '../../src/server/oauth/workloads/identity.ts';
import { createBrowserLoginPages } from '../../src/server/pages/browser-login-pages.ts';
import { createDevicePages, goOnWithCode } from '../../src/server/pages/device-pages.ts';
import { createLoginPages } from '../../src/server/pages/login-pages.ts';
import { createWebSessions } from '../../src/server/pages/web-sessions.ts';
import { createMemoryProtocolStore, type MemoryProtocolStore } from './fakes/memory-protocol-store.ts';
import { createMovableClock, type MovableClock } from './fakes/movable-clock.ts';
import { openSigningKeys } from './signing-keys.ts';

export const TEST_PIN = '271828';
export const OTHER_CLIENT_ID = 'other-cli';
export const TEST_SECRET = new Secret('a secret of the tests, as long as it needs to be');
export const RESOURCE_SERVERS = [
  { name: 'orders-api', secret: new Secret('orders secret'), targets: ['orders'] },
  { name: 'other-api', secret: new Secret('other: secret/+%'), targets: ['other'] },
];

export type OAuthServer = AsyncDisposable & {
  readonly url: string;
  readonly protocol: MemoryProtocolStore;
  readonly clock: MovableClock;
  readonly events: readonly SessionEvent[];
  /** Of logins at the pages. */
  readonly pageEvents: readonly SessionEvent[];
  readonly errors: readonly unknown[];
  readonly groups: Map<string, readonly string[]>;
  readonly grants: Map<string, Grant>;
  readonly used: readonly string[];
  readonly revoked: readonly string[];
  readonly keys: SigningKeys;
  readonly deviceLogin: DeviceLogin;
};

type Overrides = Partial<
  Pick<AuthorizationServerOptions, 'login' | 'pollIntervalSeconds' | 'installName' | 'protocol' | 'workloads'>
> & { readonly http?: ServerOptions };

/** The authorization server on a free loopback port, with the little wiring that `server/http/http.ts` does around it. */
export async function startOAuthServer(overrides: Overrides = {}): Promise<OAuthServer> {
  const protocol = createMemoryProtocolStore();
  const clock = createMovableClock();
  const server = createServer(overrides.http ?? {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const records = createRecords();
  const parts = await buildParts({
    url,
    protocol: overrides.protocol ?? protocol,
    clock,
    records,
    overrides,
  });
  const listen = getRequestListener(parts.app.fetch);
  server.on('request', (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (parts.authorization.handles(path)) parts.authorization.callback(request, response);
    else void listen(request, response);
  });
  return {
    url,
    protocol,
    clock,
    ...records,
    keys: parts.keys,
    deviceLogin: parts.authorization.deviceLogin,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createRecords() {
  return {
    events: [] as SessionEvent[],
    pageEvents: [] as SessionEvent[],
    errors: [] as unknown[],
    groups: new Map<string, readonly string[]>(),
    grants: new Map<string, Grant>(),
    used: [] as string[],
    revoked: [] as string[],
  };
}

async function buildParts(options: {
  readonly url: string;
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly records: ReturnType<typeof createRecords>;
  readonly overrides: Overrides;
}) {
  const { url, protocol, clock, records, overrides } = options;
  const installName = overrides.installName ?? 'jit of the tests';
  const limits = overrides.login ?? {
    device: true,
    browser: true,
    sessionSeconds: 43_200,
    idleSeconds: 3600,
  };
  const attempts = createAttempts({ protocol, clock });
  const people = createDevelopmentIdentity({
    users: ['dev', 'dba-lead'].map((name) => ({ name, groups: ['engineers'] })),
    pin: new Secret(TEST_PIN),
    attempts,
  });
  const known = withWorkloads(people, overrides.workloads?.rules ?? []);
  const identity = {
    ...people,
    find: async (subject: string) => {
      const person = await known.find(subject);
      return person && { ...person, groups: records.groups.get(subject) ?? person.groups };
    },
  };
  const readAddress = createAddressReader([]);
  const keys = await openSigningKeys();
  const authorization = createAuthorizationServer({
    url,
    installName,
    protocol,
    clock,
    identity,
    keys,
    cookieSecrets: () => [TEST_SECRET],
    login: limits,
    readAddress,
    onEvent: async (event) => void records.events.push(event),
    onError: (error) => void records.errors.push(error),
    otherClientIds: [OTHER_CLIENT_ID],
    ...overrides,
  });
  const webSessions = createWebSessions({ protocol, clock, limits, cookieSecrets: () => [TEST_SECRET] });
  const findGrantByToken = async (tokenId: string) => records.grants.get(tokenId);
  const authenticate = createAuthenticate({ url, protocol, clock, identity });
  const pages = {
    url,
    installName,
    timeZone: 'Europe/Rome',
    clock,
    identity,
    deviceLogin: authorization.deviceLogin,
    webSessions,
    attempts,
    limits,
    readAddress,
  };
  const app = new Hono<{ Bindings: HttpBindings }>()
    .route('/', createDevicePages(pages))
    .route('/', createBrowserLoginPages({ ...pages, browserLogin: authorization.browserLogin }))
    .route(
      '/',
      createLoginPages({
        ...pages,
        way: { kind: 'pin', pin: identity },
        onEvent: async (event) => void records.pageEvents.push(event),
        goOn: (c, login) => goOnWithCode(c, pages, login),
      }),
    )
    .route(
      '/',
      createTokenRoutes({
        url,
        clock,
        keys,
        protocol,
        sessions: authorization.sessions,
        resourceServers: RESOURCE_SERVERS,
        clientIds: ['jit-cli', OTHER_CLIENT_ID],
        findGrantByToken,
        recordUse: async (grantId) => void records.used.push(grantId),
        revokeByToken: async (grant) => void records.revoked.push(grant.id),
      }),
    )
    .route('/', createResourceMetadata({ url, installName }))
    .get('/v1/me', async (c) => {
      try {
        const { method } = c.req;
        const target = c.env.incoming.url ?? '';
        const [authorizationHeader, proof] = [c.req.header('authorization'), c.req.header('dpop')];
        return c.json(await authenticate({ method, target, authorization: authorizationHeader, proof }));
      } catch (error) {
        if (!hasCode(error, 'login_needed', 'session_expired')) throw error;
        return c.json({ code: error.code }, 401, { 'www-authenticate': buildChallenge(url) });
      }
    });
  return { app, authorization, keys };
}
