import * as v from 'valibot';
import type { ScopeEntry, TokenRules } from '../catalogue.ts';
import type {
  ChannelsConfig,
  IdentityConfig,
  ResourceServer,
  ServerConfig,
  TargetConfig,
} from '../config.ts';
import { checkConfig } from './checks.ts';
import { buildComplaint, type Complaint } from './complaint.ts';
import { buildOperations } from './operations.ts';
import { buildLimits } from './own-limits.ts';
import { buildConfigFile, type ConfigFile, type ConfigKinds } from './schema.ts';
import { hasStorePassword } from './store.ts';

export type DecodedConfig =
  | { readonly ok: true; readonly config: ServerConfig }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** The configuration in a parsed file, or everything that is wrong with it. Paths stay as they are written. */
export function decodeConfig(value: unknown, kinds: ConfigKinds): DecodedConfig {
  const parsed = v.safeParse(buildConfigFile(kinds), value);
  if (!parsed.success) return { ok: false, complaints: parsed.issues.map(buildComplaint) };
  const complaints = checkConfig(parsed.output, kinds.kinds);
  return complaints.length > 0 ? { ok: false, complaints } : { ok: true, config: buildConfig(parsed.output) };
}

/** Where a file can hold a secret in the clear: the settings to look at before others may read it. */
export function listSecretPaths(
  config: ServerConfig,
  { kinds, channelKinds = [] }: ConfigKinds,
): readonly (readonly string[])[] {
  return [
    ...(config.secret ? [['secret']] : []),
    ...(config.operations.metrics?.token ? [['metrics', 'token']] : []),
    ...(hasStorePassword(config.store) ? [['store']] : []),
    ...(config.identity.company ? [['identity', 'oidc', 'client_secret']] : []),
    ...(config.channels.webhook ? [['channels', 'webhook', 'secret']] : []),
    ...(config.channels.slack
      ? [
          ['channels', 'slack', 'token'],
          ['channels', 'slack', 'signing_secret'],
        ]
      : []),
    ...channelKinds.flatMap(({ name, listSecrets }) =>
      listSecrets(config.channels.plugged?.[name] ?? {}).map((setting) => ['channels', name, setting]),
    ),
    ...config.resourceServers.map((server) => ['resource_servers', server.name, 'secret']),
    ...config.targets.flatMap(({ name, kind, settings }) =>
      (kinds.find((candidate) => candidate.kind === kind)?.listSecrets(settings) ?? []).map((path) => [
        'targets',
        name,
        ...path,
      ]),
    ),
  ];
}

function buildConfig(file: ConfigFile): ServerConfig {
  return {
    url: file.url,
    listen: file.listen,
    trustedProxies: file.trusted_proxies,
    timeZone: file.timezone,
    secret: file.secret ?? null,
    store: file.store,
    identity: buildIdentity(file.identity),
    login: {
      device: file.login.device,
      browser: file.login.browser,
      sessionSeconds: file.login.session,
      idleSeconds: file.login.idle,
    },
    pendingSeconds: file.pending_ttl,
    claimWindowSeconds: file.claim_window,
    review: { remindAfterSeconds: file.remind_after, escalateAfterSeconds: file.escalate_after },
    breakGlass: {
      maxSeconds: file.break_glass.max,
      reasonLength: file.break_glass.reason_length,
      reviewWithinSeconds: file.break_glass.review_within,
    },
    limits: buildLimits(file.limits),
    alertAfterSeconds: file.alert_after,
    channels: buildChannels(file.channels),
    outgoingAllow: file.outgoing.allow,
    scopes: Object.entries(file.scopes).map(buildScope),
    targets: Object.entries(file.targets).map(buildTarget),
    resourceServers: Object.entries(file.resource_servers).map(buildResourceServer),
    policiesFolder: file.policies ?? null,
    operations: buildOperations(file),
  };
}

function buildIdentity({ dev, oidc, workloads }: ConfigFile['identity']): IdentityConfig {
  return {
    devUsers: (dev?.users ?? []).map(({ same_as, ...user }) => ({ ...user, sameAs: same_as ?? null })),
    company: oidc
      ? {
          issuer: oidc.issuer,
          clientId: oidc.client_id,
          clientSecret: oidc.client_secret,
          scopes: oidc.scopes,
          groupsClaim: oidc.groups_claim,
          nameClaim: oidc.name_claim,
          personClaim: oidc.person_claim ?? null,
          refreshSeconds: oidc.refresh,
        }
      : null,
    workloads,
  };
}

function buildChannels({ webhook, slack, ...plugged }: ConfigFile['channels']): ChannelsConfig {
  return {
    webhook: webhook ?? null,
    slack: slack
      ? { token: slack.token, signingSecret: slack.signing_secret, channel: slack.channel, apiUrl: slack.api }
      : null,
    plugged,
  };
}

function buildScope([name, scope]: readonly [string, ConfigFile['scopes'][string]]): ScopeEntry {
  const { description, sensitivity, targets, idle } = scope;
  const times = { defaultSeconds: scope.default, maxSeconds: scope.max };
  return {
    ...{ name, description, sensitivity, targets },
    ...times,
    ...(idle === undefined ? {} : { idleSeconds: idle }),
  };
}

function buildTarget([name, target]: readonly [string, ConfigFile['targets'][string]]): TargetConfig {
  const {
    kind,
    audience,
    token_ttl: tokenSeconds = null,
    dpop: isBound,
    alg = 'ES256',
    ...settings
  } = target;
  return { name, kind, audience, ...buildTokenRules({ tokenSeconds, isBound, algorithm: alg }), settings };
}

function buildTokenRules({ tokenSeconds, isBound, algorithm }: Required<TokenRules>): TokenRules {
  return {
    ...(tokenSeconds === null ? {} : { tokenSeconds }),
    ...(isBound ? { isBound } : {}),
    ...(algorithm === 'ES256' ? {} : { algorithm }),
  };
}

function buildResourceServer([name, server]: readonly [
  string,
  ConfigFile['resource_servers'][string],
]): ResourceServer {
  return { name, secret: server.secret, targets: server.targets };
}
