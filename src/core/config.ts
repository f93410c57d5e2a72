import type { Catalogue, ScopeEntry, TargetEntry } from './catalogue.ts';
import type { LogFormat, LogLevel } from './ports/log.ts';
import type { Secret } from './secret.ts';

export type ListenAddress = { readonly host: string; readonly port: number };

export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** May have a password in it. */
  | { readonly kind: 'postgres'; readonly url: Secret };

/** A development user: logs in on loopback with the PIN printed at start (OAU-08). */
export type DevUser = {
  readonly name: string;
  readonly groups: readonly string[];
  /** The other user that is the same human, for trying what happens then; null: their own. */
  readonly sameAs: string | null;
};

export type LoginRules = {
  readonly device: boolean;
  readonly browser: boolean;
  /** A session ends this long after the login, however much it is used. */
  readonly sessionSeconds: number;
  /** A session ends when it was not used for this long. */
  readonly idleSeconds: number;
};

/** Where scopes apply. `settings` are those of its kind, as the kind's own schema has read them. */
export type TargetConfig = TargetEntry & { readonly settings: Readonly<Record<string, unknown>> };

/** A service that may introspect the tokens of these targets, and of no others. */
export type ResourceServer = {
  readonly name: string;
  readonly secret: Secret;
  readonly targets: readonly string[];
};

/** The company's OpenID provider: who people are, and in which groups. */
export type CompanyProvider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  /** What people are called. MUST be unique at the provider. */
  readonly nameClaim: string;
  /** Names the human, where one may have several accounts; null: every account is its own. */
  readonly personClaim: string | null;
  /** How often groups are asked for again. */
  readonly refreshSeconds: number;
};

/** Tokens of one issuer that stand for one workload (RFC 7523). */
export type WorkloadRule = {
  readonly issuer: string;
  readonly audience: string;
  /** What the workload is called here. */
  readonly principal: string;
  readonly groups: readonly string[];
  /** Claims that the token must have, exactly so; `sub` is one of them. */
  readonly claims: Readonly<Record<string, string>>;
};

export type IdentityConfig = {
  /** People for one machine; empty where there is a provider. */
  readonly devUsers: readonly DevUser[];
  readonly company: CompanyProvider | null;
  readonly workloads: readonly WorkloadRule[];
};

/** When reviewers are called again, and when others are. */
export type ReviewRules = { readonly remindAfterSeconds: number; readonly escalateAfterSeconds: number };

export type BreakGlassRules = {
  readonly maxSeconds: number;
  /** In characters, however little policy wants. */
  readonly reasonLength: number;
  readonly reviewWithinSeconds: number;
};

/** How much one person, or one workload, may have open and live, and ask for. */
export type OwnLimits = {
  readonly openRequests: number;
  readonly liveGrants: number;
  readonly callsPerMinute: number;
};

export type LimitsConfig = { readonly people: OwnLimits; readonly workloads: OwnLimits };

export type WebhookChannel = { readonly url: string; readonly secret: Secret };

export type SlackChannel = {
  readonly token: Secret;
  readonly signingSecret: Secret;
  /** The id of the channel in which requests are shown. */
  readonly channel: string;
  readonly apiUrl: string;
};

export type ChannelsConfig = {
  readonly webhook: WebhookChannel | null;
  readonly slack: SlackChannel | null;
  /** Of plugins' channels, by their names: the settings as the plugin's own kinds have read them. */
  readonly plugged?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** Who reads figures: programs on this machine, or whoever has the token. */
export type MetricsConfig = { readonly listen: ListenAddress; readonly token: Secret | null };

/** What only those who run the server see of it. */
export type OperationsConfig = {
  readonly log: {
    /** Null: text where somebody looks on, JSON otherwise. */
    readonly format: LogFormat | null;
    readonly level: LogLevel;
  };
  readonly metrics: MetricsConfig | null;
  /** How long a server that stops says so and goes on listening, so that a balancer sends nobody here any more. */
  readonly drainSeconds: number;
};

/** Everything the server is told before it starts (docs/operations.md). Paths are absolute. */
export type ServerConfig = {
  /** The origin people and programs use, and the OAuth issuer. No trailing slash. */
  readonly url: string;
  readonly listen: ListenAddress;
  readonly trustedProxies: readonly string[];
  readonly timeZone: string;
  /** Encrypts the keys in the store; null: a 0600 file beside the store, made at first start. */
  readonly secret: Secret | null;
  readonly store: StoreLocation;
  readonly identity: IdentityConfig;
  readonly login: LoginRules;
  readonly pendingSeconds: number;
  readonly claimWindowSeconds: number;
  readonly review: ReviewRules;
  readonly breakGlass: BreakGlassRules;
  readonly limits: LimitsConfig;
  /** A revocation that is not confirmed after this calls people. */
  readonly alertAfterSeconds: number;
  readonly channels: ChannelsConfig;
  /** Blocks of private addresses that the configured hosts may have (INP-02). */
  readonly outgoingAllow: readonly string[];
  readonly scopes: readonly ScopeEntry[];
  readonly targets: readonly TargetConfig[];
  readonly resourceServers: readonly ResourceServer[];
  /** The folder of `*.cedar` files; null: the sample policies that come with jit. */
  readonly policiesFolder: string | null;
  readonly operations: OperationsConfig;
};

/** The part that may be shown: scopes and targets without how jit reaches them. */
export function buildCatalogue(config: Pick<ServerConfig, 'scopes' | 'targets'>): Catalogue {
  return {
    scopes: config.scopes,
    targets: config.targets.map(({ settings: _, ...entry }) => entry),
  };
}
