import * as v from 'valibot';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from '../catalogue.ts';
import type { ChannelKind } from './channel-kind.ts';
import { buildComplaint } from './complaint.ts';
import type { ConnectorKind } from './connector-kind.ts';
import { DEFAULT_BREAK_GLASS, DEFAULT_LOGIN } from './default.ts';
import * as field from './fields.ts';
import { operationsEntries } from './operations.ts';
import { limits } from './own-limits.ts';

/** What every target may be told, whatever its kind. */
const EVERY_TARGET = {
  audience: field.uri,
  token_ttl: v.optional(field.tokenLife),
  dpop: v.optional(v.boolean(), false),
  alg: v.optional(v.picklist(TOKEN_ALGORITHMS, `must be one of ${TOKEN_ALGORITHMS.join(', ')}`)),
};

type TargetFile = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly audience: string;
  readonly token_ttl?: number;
  readonly dpop: boolean;
  readonly alg?: TokenAlgorithm;
};

function buildTargetSchema(kinds: readonly ConnectorKind[]): v.GenericSchema<unknown, TargetFile> {
  const names = kinds.map(({ kind }) => kind);
  const options = new Map(
    kinds.map(({ kind, entries }) => [
      kind,
      field.settings({ kind: v.literal(kind), ...EVERY_TARGET, ...entries }),
    ]),
  );
  const kind = v.picklist(names, `must be one of ${names.join(', ')}`);
  return v.pipe(
    field.mapping,
    v.looseObject({ kind }),
    v.rawTransform<{ readonly kind: string }, TargetFile>(({ dataset, addIssue, NEVER }) => {
      const schema = options.get(dataset.value.kind);
      const parsed = schema && v.safeParse(schema, dataset.value);
      if (parsed?.success) return parsed.output as TargetFile;
      for (const issue of parsed?.issues ?? [])
        addIssue({ message: buildComplaint(issue).why, path: issue.path });
      return NEVER;
    }),
  ) as v.GenericSchema<unknown, TargetFile>;
}

const scope = field.settings({
  description: field.line,
  sensitivity: v.picklist(['low', 'medium', 'high', 'critical']),
  default: field.duration,
  max: field.duration,
  idle: v.optional(field.duration),
  targets: v.pipe(v.array(field.targetName), v.minLength(1, 'must name a target')),
});

const devUser = field.settings({
  name: field.name,
  groups: v.optional(v.array(field.name), []),
  same_as: v.optional(field.name),
});

const company = field.settings({
  issuer: field.issuer,
  client_id: field.line,
  client_secret: field.secret,
  scopes: v.optional(v.array(field.name), ['openid', 'profile', 'email', 'offline_access']),
  groups_claim: v.optional(field.name, 'groups'),
  name_claim: v.optional(field.name, 'preferred_username'),
  person_claim: v.optional(field.name),
  refresh: v.optional(field.duration, '5m'),
});

const workload = field.settings({
  issuer: field.issuer,
  audience: field.line,
  principal: field.name,
  groups: v.optional(v.array(field.name), []),
  claims: field.named(field.name, field.line),
});

const identity = field.settings({
  dev: v.optional(field.settings({ users: v.pipe(v.array(devUser), v.minLength(1, 'must name a user')) })),
  oidc: v.optional(company),
  workloads: v.optional(v.array(workload), []),
});

const breakGlass = field.settings({
  max: v.optional(field.duration, '30m'),
  reason_length: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500, 'must be from 1 to 500')),
    DEFAULT_BREAK_GLASS.reasonLength,
  ),
  review_within: v.optional(field.duration, '24h'),
});

const CHANNELS = {
  webhook: v.optional(field.settings({ url: field.callUrl, secret: field.webhookSecret })),
  slack: v.optional(
    field.settings({
      token: field.secret,
      signing_secret: field.secret,
      channel: field.name,
      api: v.optional(field.callUrl, 'https://slack.com/api/'),
    }),
  ),
};

/** Those that come with jit, typed; those of plugins are beside them, as their own settings have read them. */
function buildChannelsSchema(kinds: readonly ChannelKind[]) {
  const plugged = kinds.map(({ name, entries }) => [
    name,
    v.optional(v.pipe(field.mapping, field.settings(entries))),
  ]);
  const entries: typeof CHANNELS = { ...CHANNELS, ...Object.fromEntries(plugged) };
  return v.pipe(field.mapping, field.settings(entries));
}

/** What the configuration may speak of: the kinds of targets that there are, and the channels of plugins. */
export type ConfigKinds = {
  readonly kinds: readonly ConnectorKind[];
  readonly channelKinds?: readonly ChannelKind[];
};

const login = v.pipe(
  field.mapping,
  field.settings({
    device: v.optional(v.boolean(), DEFAULT_LOGIN.device),
    browser: v.optional(v.boolean(), DEFAULT_LOGIN.browser),
    session: v.optional(field.duration, '12h'),
    idle: v.optional(field.duration, '1h'),
  }),
);

/** The file as it is written. What one value can be is here; what values must be to each other is in `checks.ts`. */
export function buildConfigFile({ kinds, channelKinds = [] }: ConfigKinds) {
  return field.settings({
    url: field.origin,
    listen: field.listen,
    tls: field.notYet('put a proxy in front'),
    trusted_proxies: v.optional(v.array(field.addressBlock), []),
    timezone: v.optional(field.timeZone, 'UTC'),
    ...operationsEntries,
    secret: v.optional(field.longSecret),
    store: field.store,
    identity,
    login: v.optional(login, {}),
    pending_ttl: v.optional(field.duration, '1h'),
    claim_window: v.optional(field.duration, '15m'),
    remind_after: v.optional(field.duration, '10m'),
    escalate_after: v.optional(field.duration, '20m'),
    break_glass: v.optional(v.pipe(field.mapping, breakGlass), {}),
    limits: v.optional(limits, {}),
    alert_after: v.optional(field.duration, '5m'),
    scopes: field.named(field.scope, scope),
    targets: field.named(field.targetName, buildTargetSchema(kinds)),
    resource_servers: v.optional(
      field.named(
        field.targetName,
        field.settings({ secret: field.longSecret, targets: v.array(field.targetName) }),
      ),
      {},
    ),
    policies: v.optional(field.path),
    plugins: v.optional(v.pipe(v.array(field.line), v.maxLength(64)), []),
    channels: v.optional(buildChannelsSchema(channelKinds), {}),
    outgoing: v.optional(
      v.pipe(field.mapping, field.settings({ allow: v.optional(v.array(field.addressBlock), []) })),
      {},
    ),
  });
}

export type ConfigFile = v.InferOutput<ReturnType<typeof buildConfigFile>>;
