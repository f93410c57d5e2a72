import { Hono } from 'hono';
import { buildEvent } from '../broker/events.ts';
import type { Broker } from '../broker/parts.ts';
import { beginRevocation } from '../broker/revocation/revoke.ts';
import type { LoginRules, ServerConfig } from '../core/config.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Company } from '../core/ports/company.ts';
import type { Directory } from '../core/ports/directory.ts';
import type { Ids } from '../core/ports/ids.ts';
import type { Logins } from '../core/ports/logins.ts';
import type { PeopleStore } from '../core/ports/people-store.ts';
import type { ProtocolStore } from '../core/ports/protocol-store.ts';
import type { Store } from '../core/ports/store.ts';
import type { Secret } from '../core/secret.ts';
import { type ApiEnvironment, type ApiParts, buildApi } from './api/index.ts';
import { createCallers } from './callers.ts';
import { createSlackRoutes, type SlackDesk } from './channels/slack-routes.ts';
import { createAddressReader, type ReadAddress } from './http/address.ts';
import { noteRoute } from './http/note-route.ts';
import { createErrorAnswer, createMissingAnswer } from './http/unexpected.ts';
import { besidesFull } from './keeping/room.ts';
import type { Live } from './live/live.ts';
import { CLIENT_ID } from './oauth/client.ts';
import type { RecordSessionEvent } from './oauth/events.ts';
import { type Attempts, createAttempts } from './oauth/login/attempts.ts';
import type { Identity } from './oauth/login/identity.ts';
import {
  type AuthorizationServer,
  createAuthorizationServer,
} from './oauth/provider/authorization-server.ts';
import { createResourceMetadata } from './oauth/resource-metadata.ts';
import { createServiceRoutes } from './oauth/services/service-routes.ts';
import { createTokenRoutes } from './oauth/services/token-routes.ts';
import { createUses } from './oauth/services/uses.ts';
import type { SigningKeys } from './oauth/tokens/keys.ts';
import type { WorkloadParts } from './oauth/workloads/exchange.ts';
import { buildWorkload, withWorkloads } from './oauth/workloads/identity.ts';
import { createBrowserLoginPages } from './pages/browser-login-pages.ts';
import { createDevicePages, goOnWithCode } from './pages/device-pages.ts';
import { createLoginPages } from './pages/login-pages.ts';
import { createReviewPages } from './pages/review/review-pages.ts';
import { createWebSessions, type WebSessions } from './pages/web-sessions.ts';
import { createLogins } from './people/logins.ts';
import { createPeople, type People } from './people/people.ts';

export type WebParts = {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly pin: Secret;
  readonly secret: Secret;
  readonly keys: SigningKeys;
  readonly cookieSecrets: () => readonly Secret[];
  readonly protocol: ProtocolStore;
  readonly store: Store;
  readonly people: PeopleStore;
  /** Null where there are development users. */
  readonly company: Company | null;
  /** Null where the configuration has none. */
  readonly workloads: WorkloadParts | null;
  readonly onError: (error: unknown) => void;
};

export type Web = {
  readonly authorization: AuthorizationServer;
  readonly directory: Directory;
  readonly logins: Logins;
  readonly renewal: People['renewal'];
  readonly buildApp: (parts: AppParts) => Hono<ApiEnvironment>;
};

type AppParts = Pick<ApiParts, 'broker' | 'waiters' | 'looks' | 'claim'> &
  Live & {
    readonly slack: SlackDesk | null;
  };

/** What all of HTTP shares: the parts, and what was made from them once. */
type Ground = WebParts & {
  readonly url: string;
  readonly installName: string;
  readonly attempts: Attempts;
  readonly identity: Identity;
  readonly who: People;
  readonly webSessions: WebSessions;
  readonly readAddress: ReadAddress;
  readonly login: LoginRules;
};

/** Everything that speaks HTTP: the OAuth provider, its pages, jit's own token endpoints, and `/v1`. */
export function buildWeb(parts: WebParts): Web {
  const ground = buildGround(parts);
  const authorization = buildAuthorization(ground);
  const pages = buildPages(ground, authorization);
  return {
    authorization,
    directory: buildDirectory(ground),
    renewal: ground.who.renewal,
    logins: createLogins({ ...ground, onEvent: createSessionRecorder(ground) }),
    buildApp: (app) => {
      const hono = new Hono<ApiEnvironment>();
      hono.use(noteRoute);
      hono.onError(createErrorAnswer(ground));
      hono.notFound(createMissingAnswer(ground));
      hono.route('/', pages);
      hono.route('/', createReviewPages({ ...ground, timeZone: ground.config.timeZone, ...app, live: app }));
      hono.route('/', buildTokenEndpoints(ground, authorization, app.broker));
      hono.route('/', createServiceRoutes({ ...buildTokenParts(ground, app.broker), ...app }));
      hono.route('/', createResourceMetadata(ground));
      hono.route('/', createSlackRoutes(app.slack, { ...ground, broker: app.broker }));
      const { url: challenge, onError } = ground;
      hono.route('/', buildApi({ ...app, ...createCallers(ground), challenge, onError }));
      return hono;
    },
  };
}

function buildGround(parts: WebParts): Ground {
  const { config, clock, protocol } = parts;
  const { login } = config;
  const attempts = createAttempts({ protocol, clock });
  const who = createPeople({ ...parts, attempts });
  return {
    ...parts,
    url: config.url,
    installName: new URL(config.url).host,
    attempts,
    who,
    identity: withWorkloads(who.identity, config.identity.workloads),
    webSessions: createWebSessions({ protocol, clock, limits: login, cookieSecrets: parts.cookieSecrets }),
    readAddress: createAddressReader(config.trustedProxies),
    login,
  };
}

/** Workloads too: whoever takes access away must find them by name, as people. */
function buildDirectory({ who, identity, config }: Ground): Directory {
  const workloads = config.identity.workloads.map(buildWorkload);
  return {
    ...who.directory,
    find: identity.find,
    list: async () => [...(await who.directory.list()), ...workloads],
  };
}

function buildAuthorization(ground: Ground): AuthorizationServer {
  return createAuthorizationServer({
    ...ground,
    onEvent: createSessionRecorder(ground),
  });
}

function createSessionRecorder(ground: Ground): RecordSessionEvent {
  return async ({ kind, subject, sessionId, detail }) => {
    const event = buildEvent(ground, { kind, actor: subject, detail: { ...detail, session: sessionId } });
    await ground.store.commit({ event });
  };
}

function buildPages(ground: Ground, authorization: AuthorizationServer): Hono<ApiEnvironment> {
  const device = {
    ...ground,
    timeZone: ground.config.timeZone,
    deviceLogin: authorization.deviceLogin,
    limits: ground.login,
  };
  const { way } = ground.who;
  return new Hono<ApiEnvironment>()
    .route('/', createDevicePages(device))
    .route('/', createBrowserLoginPages({ ...device, browserLogin: authorization.browserLogin }))
    .route(
      '/',
      createLoginPages({
        ...ground,
        way,
        onEvent: createSessionRecorder(ground),
        goOn: (c, login) => goOnWithCode(c, device, login),
      }),
    );
}

function buildTokenEndpoints(ground: Ground, authorization: AuthorizationServer, broker: Broker): Hono {
  return createTokenRoutes({
    sessions: authorization.sessions,
    ...buildTokenParts(ground, broker),
    clientIds: [CLIENT_ID],
    revokeByToken: async (grant) => {
      await beginRevocation(broker, grant, { because: 'done', actor: grant.heldBy.subject });
    },
  });
}

/** What every endpoint for services needs. */
function buildTokenParts(ground: Ground, { store }: Pick<Broker, 'store'>) {
  return {
    ...ground,
    resourceServers: ground.config.resourceServers,
    findGrantByToken: (tokenId: string) => store.findGrantByToken(tokenId),
    recordUse: createUses({ ...ground, onError: besidesFull(ground.onError), store }),
  };
}
