import type { Catalogue, ScopeEntry } from '../catalogue.ts';
import type {
  BreakGlassRules,
  DevUser,
  LimitsConfig,
  OperationsConfig,
  ReviewRules,
  ServerConfig,
  TargetConfig,
} from '../config.ts';
import {
  CALLS_PER_PERSON,
  CALLS_PER_WORKLOAD,
  LIVE_GRANTS_PER_PERSON,
  LIVE_GRANTS_PER_WORKLOAD,
  OPEN_REQUESTS_PER_PERSON,
  OPEN_REQUESTS_PER_WORKLOAD,
} from '../limits.ts';
import type { Secret } from '../secret.ts';
import { HOUR_SECONDS, MINUTE_SECONDS } from '../time.ts';

export const DEFAULT_PORT = 7420;

export const DEFAULT_OPERATIONS: OperationsConfig = {
  log: { format: null, level: 'info' },
  metrics: null,
  drainSeconds: 0,
};

export const DEFAULT_LOGIN = {
  device: true,
  browser: true,
  sessionSeconds: 12 * HOUR_SECONDS,
  idleSeconds: HOUR_SECONDS,
} as const;

const DEFAULT_PENDING_SECONDS = HOUR_SECONDS;
const DEFAULT_CLAIM_WINDOW_SECONDS = 15 * MINUTE_SECONDS;

export const DEFAULT_REVIEW: ReviewRules = {
  remindAfterSeconds: 10 * MINUTE_SECONDS,
  escalateAfterSeconds: 20 * MINUTE_SECONDS,
};

export const DEFAULT_BREAK_GLASS: BreakGlassRules = {
  maxSeconds: 30 * MINUTE_SECONDS,
  reasonLength: 30,
  reviewWithinSeconds: 24 * HOUR_SECONDS,
};

export const DEFAULT_ALERT_SECONDS = 5 * MINUTE_SECONDS;

export const DEFAULT_LIMITS: LimitsConfig = {
  people: {
    openRequests: OPEN_REQUESTS_PER_PERSON,
    liveGrants: LIVE_GRANTS_PER_PERSON,
    callsPerMinute: CALLS_PER_PERSON,
  },
  workloads: {
    openRequests: OPEN_REQUESTS_PER_WORKLOAD,
    liveGrants: LIVE_GRANTS_PER_WORKLOAD,
    callsPerMinute: CALLS_PER_WORKLOAD,
  },
};

/** What differs from one embedded server to the next. */
export type EmbeddedOptions = {
  /** Absolute; the store and its key file are in it. */
  readonly dataFolder: string;
  readonly timeZone: string;
  readonly port?: number;
  /** The sample database. Without it there is no `orders` target and no scope for it. */
  readonly ordersUrl?: Secret;
  /** The password under which the sample service introspects. Without it nobody may. */
  readonly ordersApiSecret?: Secret;
};

/** The server that `jit server` starts without a configuration: loopback, SQLite, development users, samples. */
export function defaultServerConfig(options: EmbeddedOptions): ServerConfig {
  const port = options.port ?? DEFAULT_PORT;
  return {
    url: `http://127.0.0.1:${port}`,
    listen: { host: '127.0.0.1', port },
    trustedProxies: [],
    timeZone: options.timeZone,
    secret: null,
    store: { kind: 'sqlite', path: `${options.dataFolder}/jit.db` },
    identity: { devUsers: DEV_USERS, company: null, workloads: [] },
    login: DEFAULT_LOGIN,
    pendingSeconds: DEFAULT_PENDING_SECONDS,
    claimWindowSeconds: DEFAULT_CLAIM_WINDOW_SECONDS,
    review: DEFAULT_REVIEW,
    breakGlass: DEFAULT_BREAK_GLASS,
    limits: DEFAULT_LIMITS,
    alertAfterSeconds: DEFAULT_ALERT_SECONDS,
    channels: { webhook: null, slack: null },
    outgoingAllow: [],
    scopes: options.ordersUrl ? [...DATABASE_SCOPES, API_SCOPE] : [API_SCOPE],
    targets: options.ordersUrl ? [buildOrders(options.ordersUrl), ORDERS_API] : [ORDERS_API],
    resourceServers: options.ordersApiSecret
      ? [{ name: ORDERS_API.name, secret: options.ordersApiSecret, targets: [ORDERS_API.name] }]
      : [],
    policiesFolder: null,
    operations: DEFAULT_OPERATIONS,
  };
}

const DEV_USERS: readonly DevUser[] = [
  { name: 'dev', groups: ['engineers'], sameAs: null },
  { name: 'dba-lead', groups: ['engineers', 'dba'], sameAs: null },
  { name: 'on-call', groups: ['engineers', 'on-call'], sameAs: null },
];

const DATABASE_SCOPES: readonly ScopeEntry[] = [
  {
    name: 'prod:db.read',
    description: 'Read production data',
    sensitivity: 'medium',
    defaultSeconds: 30 * MINUTE_SECONDS,
    maxSeconds: 4 * HOUR_SECONDS,
    targets: ['orders'],
  },
  {
    name: 'prod:db.write',
    description: 'Change production data',
    sensitivity: 'high',
    defaultSeconds: 15 * MINUTE_SECONDS,
    maxSeconds: HOUR_SECONDS,
    targets: ['orders'],
  },
];

const API_SCOPE: ScopeEntry = {
  name: 'prod:api.read',
  description: 'Read from the orders service',
  sensitivity: 'low',
  defaultSeconds: 30 * MINUTE_SECONDS,
  maxSeconds: 8 * HOUR_SECONDS,
  targets: ['orders-api'],
};

const ORDERS_API: TargetConfig = {
  name: 'orders-api',
  kind: 'token',
  audience: 'https://orders-api.example.com',
  settings: {},
};

function buildOrders(url: Secret): TargetConfig {
  return {
    name: 'orders',
    kind: 'postgres',
    audience: 'https://orders.example.com',
    settings: { url, member_of: { 'prod:db.read': ['orders_reader'], 'prod:db.write': ['orders_writer'] } },
  };
}

/** Everything that the sample policies speak of, whether or not this machine can offer all of it. */
export const SAMPLE_CATALOGUE: Catalogue = {
  scopes: [...DATABASE_SCOPES, API_SCOPE],
  targets: [
    { name: 'orders', kind: 'postgres', audience: 'https://orders.example.com' },
    { name: ORDERS_API.name, kind: ORDERS_API.kind, audience: ORDERS_API.audience },
  ],
};
