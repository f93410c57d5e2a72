import * as v from 'valibot';
import { DEFAULT_LOGIN } from './default.ts';
import * as field from './fields.ts';

const target = v.variant('kind', [
  field.settings({
    kind: v.literal('token'),
    audience: field.uri,
    token_ttl: field.notYet('tokens last as long as their grant'),
    dpop: field.notYet('grant tokens are bearer tokens'),
  }),
  field.settings({
    kind: v.literal('postgres'),
    audience: field.uri,
    url: field.postgresUrl,
    member_of: field.named(field.scope, v.pipe(v.array(field.roleName), v.minLength(1, 'must name a role'))),
    owner: v.optional(field.roleName),
  }),
]);

const scope = field.settings({
  description: field.line,
  sensitivity: v.picklist(['low', 'medium', 'high', 'critical']),
  default: field.duration,
  max: field.duration,
  targets: v.pipe(v.array(field.targetName), v.minLength(1, 'must name a target')),
});

const devUser = field.settings({ name: field.name, groups: v.optional(v.array(field.name), []) });

const identity = field.settings({
  dev: field.settings({ users: v.pipe(v.array(devUser), v.minLength(1, 'must name a user')) }),
  oidc: field.notYet('use identity.dev'),
  workloads: field.notYet('people only'),
});

const login = v.pipe(
  field.mapping,
  field.settings({
    device: v.optional(v.boolean(), DEFAULT_LOGIN.device),
    browser: v.optional(field.notYetTrue('log in with a device code'), DEFAULT_LOGIN.browser),
    session: v.optional(field.duration, '12h'),
    idle: v.optional(field.duration, '1h'),
  }),
);

/** The file as it is written. What one value can be is here; what values must be to each other is in `checks.ts`. */
export const configFile = field.settings({
  url: field.origin,
  listen: field.listen,
  tls: field.notYet('put a proxy in front'),
  trusted_proxies: v.optional(v.array(field.addressBlock), []),
  timezone: v.optional(field.timeZone, 'UTC'),
  secret: v.optional(field.longSecret),
  store: field.store,
  identity,
  login: v.optional(login, {}),
  pending_ttl: v.optional(field.duration, '1h'),
  claim_window: v.optional(field.duration, '15m'),
  scopes: field.named(field.scope, scope),
  targets: field.named(field.targetName, target),
  resource_servers: v.optional(
    field.named(
      field.targetName,
      field.settings({ secret: field.longSecret, targets: v.array(field.targetName) }),
    ),
    {},
  ),
  policies: v.optional(field.path),
  channels: field.notYet('people are told on the web page and in the CLI'),
});

export type ConfigFile = v.InferOutput<typeof configFile>;
