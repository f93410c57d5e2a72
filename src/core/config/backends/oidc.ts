import * as v from 'valibot';
import { formatTypedDuration } from '../../duration-text.ts';
import * as field from '../fields.ts';
import { defineBackendKind } from './backend-kind.ts';

const DEFAULT_SECONDS = 3600;

const resource = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && !text.includes('#'),
    'must be a URI like https://orders.example.com',
  ),
);

const target = field.settings({
  resource: v.optional(resource),
  dpop: v.optional(v.boolean(), false),
});

const scope = field.settings({
  description: v.optional(field.line),
  targets: v.pipe(v.array(field.targetName), v.minLength(1, 'must name a target')),
  usual: v.optional(field.duration),
});

/** `backend = "oidc"`: an OAuth provider alone, asked for each scope itself (docs/backends.md). */
export const oidcBackend = defineBackendKind({
  name: 'oidc',
  matches: (backend) => backend === 'oidc',
  entries: {
    issuer: field.issuer,
    client_id: field.line,
    login_client_id: v.optional(field.line),
    details_type: v.optional(field.line),
    scopes: field.named(field.scope, scope),
    targets: field.named(field.targetName, target),
  },
  complain: ({ scopes, targets }) =>
    Object.entries(scopes).flatMap(([name, one]) =>
      one.targets.flatMap((wanted, index) =>
        Object.hasOwn(targets, wanted)
          ? []
          : [{ path: ['scopes', name, 'targets', String(index)], why: `there is no target "${wanted}"` }],
      ),
    ),
  findServer: (_, profile) => `oidc://${profile}`,
  build: (file) => ({
    kind: 'oidc',
    issuer: file.issuer,
    clientId: file.client_id,
    loginClientId: file.login_client_id ?? file.client_id,
    detailsType: file.details_type ?? null,
    scopes: Object.entries(file.scopes).map(([name, { description, targets, usual }]) => ({
      name,
      description: description ?? '',
      targets,
      usualSeconds: usual ?? DEFAULT_SECONDS,
    })),
    targets: Object.entries(file.targets).map(([name, settings]) => ({
      name,
      resource: settings.resource ?? null,
      isBound: settings.dpop,
    })),
  }),
  encode: (choice) => {
    if (choice.kind !== 'oidc') return undefined;
    return {
      backend: 'oidc',
      issuer: choice.issuer,
      client_id: choice.clientId,
      ...(choice.loginClientId === choice.clientId ? {} : { login_client_id: choice.loginClientId }),
      ...(choice.detailsType === null ? {} : { details_type: choice.detailsType }),
      scopes: Object.fromEntries(
        choice.scopes.map(({ name, description, targets, usualSeconds }) => [
          name,
          {
            ...(description === '' ? {} : { description }),
            targets: [...targets],
            usual: formatTypedDuration(usualSeconds),
          },
        ]),
      ),
      targets: Object.fromEntries(
        choice.targets.map(({ name, resource: uri, isBound }) => [
          name,
          { ...(uri === null ? {} : { resource: uri }), dpop: isBound },
        ]),
      ),
    };
  },
});
