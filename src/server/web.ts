import type { IncomingMessage } from 'node:http';
import { type Context, Hono } from 'hono';
import { buildEvent } from '../broker/events.ts';
import type { Asker } from '../broker/parts.ts';
import { beginRevocation } from '../broker/revoke.ts';
import type { ServerConfig } from '../core/config.ts';
import { fail } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Directory } from '../core/ports/directory.ts';
import type { Ids } from '../core/ports/ids.ts';
import type { ProtocolStore } from '../core/ports/protocol-store.ts';
import type { Store } from '../core/ports/store.ts';
import type { Secret } from '../core/secret.ts';
import { findClientAddress } from './address.ts';
import { type ApiEnvironment, type ApiParts, buildApi } from './api/index.ts';
import { createAuthenticate } from './authenticate.ts';
import { createDirectory } from './identity.ts';
import { createAttempts } from './oauth/attempts.ts';
import { type AuthorizationServer, createAuthorizationServer } from './oauth/authorization-server.ts';
import { CLIENT_ID } from './oauth/client.ts';
import { createDevelopmentIdentity, requireLoopback } from './oauth/development-identity.ts';
import type { SigningKeys } from './oauth/keys.ts';
import { createResourceMetadata } from './oauth/resource-metadata.ts';
import { createTokenRoutes } from './oauth/token-routes.ts';
import { createDevicePages } from './pages/device-pages.ts';
import { createWebSessions } from './pages/web-sessions.ts';
import { answerProblem } from './respond.ts';

export type WebParts = {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly pin: Secret;
  readonly secret: Secret;
  readonly keys: SigningKeys;
  readonly protocol: ProtocolStore;
  readonly store: Store;
  readonly onError: (error: unknown) => void;
};

export type Web = {
  readonly authorization: AuthorizationServer;
  readonly directory: Directory;
  readonly buildApp: (parts: Pick<ApiParts, 'broker' | 'waiters' | 'claim'>) => Hono<ApiEnvironment>;
};

/** Everything that speaks HTTP: the OAuth provider, its pages, jit's own token endpoints, and `/v1`. */
export function buildWeb(parts: WebParts): Web {
  const { config, clock, protocol, secret, keys, onError } = parts;
  const { url } = config;
  const installName = new URL(url).host;
  requireLoopback(config.listen.host);
  const attempts = createAttempts({ protocol, clock });
  const identity = createDevelopmentIdentity({ users: config.identity.devUsers, pin: parts.pin, attempts });
  const readAddress = (request: IncomingMessage): string => findClientAddress(request, config.trustedProxies);
  const authorization = createAuthorizationServer({
    url,
    installName,
    protocol,
    clock,
    identity,
    keys,
    cookieSecret: secret,
    login: config.login,
    readAddress,
    onError,
    onEvent: async ({ kind, subject, sessionId, detail }) => {
      const event = buildEvent(
        { ids: parts.ids, clock },
        { kind, actor: subject, detail: { ...detail, session: sessionId } },
      );
      await parts.store.commit({ event });
    },
  });
  const webSessions = createWebSessions({ protocol, clock, limits: config.login, cookieSecret: secret });
  const pages = createDevicePages({
    url,
    installName,
    timeZone: config.timeZone,
    clock,
    identity,
    deviceLogin: authorization.deviceLogin,
    webSessions,
    attempts,
    limits: config.login,
    readAddress,
  });
  const prove = createAuthenticate({ url, protocol, clock, identity });
  const authenticate = async (c: Context<ApiEnvironment>): Promise<Asker> => {
    const [authorizationHeader, proof] = [c.req.header('authorization'), c.req.header('dpop')];
    const { principal, login } = await prove({
      method: c.req.method,
      path: c.req.path,
      authorization: authorizationHeader,
      proof,
    });
    return { principal, login, ip: readAddress(c.env.incoming) };
  };

  return {
    authorization,
    directory: createDirectory(identity),
    buildApp: ({ broker, waiters, claim }) => {
      const app = new Hono<ApiEnvironment>();
      app.notFound((c) => answerProblem(c, fail('not_found', { what: `${c.req.method} ${c.req.path}` })));
      app.route('/', pages);
      app.route(
        '/',
        createTokenRoutes({
          url,
          clock,
          keys,
          protocol,
          sessions: authorization.sessions,
          resourceServers: config.resourceServers,
          clientIds: [CLIENT_ID],
          findGrantByToken: (tokenId) => broker.store.findGrantByToken(tokenId),
          recordUse: (grantId) => broker.store.recordUse(grantId, clock.now()),
          revokeByToken: async (grant) => {
            await beginRevocation(broker, grant, { because: 'done', actor: grant.heldBy.subject });
          },
        }),
      );
      app.route('/', createResourceMetadata({ url, installName }));
      app.route('/', buildApi({ broker, waiters, claim, authenticate, challenge: url, onError }));
      return app;
    },
  };
}
