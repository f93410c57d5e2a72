import * as v from 'valibot';
import type { Complaint } from '../../../core/config/complaint.ts';
import { defineConnectorKind } from '../../../core/config/connector-kind.ts';
import { duration, mapping, named, postgresUrl, roleName, scope } from '../../../core/config/fields.ts';
import type { Scope } from '../../../core/scope.ts';
import type { Secret } from '../../../core/secret.ts';
import { HOUR_SECONDS } from '../../../core/time.ts';
import { findUrlFault, readPlace } from './address.ts';
import { openPostgresConnector } from './open.ts';
import { databaseNames, sessionSettings, tlsSettings } from './settings.ts';
import { checkShared } from './shared-check.ts';
import { checkTls } from './tls-check.ts';

const rotation = v.pipe(duration, v.minValue(HOUR_SECONDS, 'must be an hour or more'));

/** What begins so is a grant's own. */
const accountName = v.pipe(
  roleName,
  v.check((name) => !name.startsWith('jit_'), 'must not begin with "jit_", as logins of grants do'),
);

/**
 * `kind: postgres`: a login role per grant, a member of roles that the database's owner prepared (S7); or an account that is
 * there, one grant at a time.
 */
export const postgresKind = defineConnectorKind({
  kind: 'postgres',
  entries: {
    url: postgresUrl,
    member_of: v.optional(named(scope, v.pipe(v.array(roleName), v.minLength(1, 'must name a role'))), {}),
    account: v.optional(named(scope, accountName), {}),
    rotate: v.optional(rotation),
    rotate_admin: v.optional(rotation),
    databases: v.optional(databaseNames),
    tls: v.optional(v.pipe(mapping, tlsSettings)),
    sessions: v.optional(named(scope, sessionSettings), {}),
    owner: v.optional(roleName),
  },
  check: ({ url, tls, member_of, account, sessions, rotate, rotate_admin }, covering) => [
    ...checkUrl(url, () => [...checkTls(url, tls), ...checkAccounts(account, url)]),
    ...checkPlaces({ memberOf: Object.keys(member_of), account: Object.keys(account), covering }),
    ...checkRotation({
      hasAccounts: Object.keys(account).length > 0,
      rotate,
      rotateAdmin: rotate_admin,
      url,
    }),
    ...findStrangers({ setting: 'sessions', listed: Object.keys(sessions), covering }),
  ],
  checkBeside: checkShared,
  listSecrets: ({ url }) => (hasPassword(url) ? [['url']] : []),
  open: ({ name, settings }, parts) =>
    openPostgresConnector({
      ...parts,
      name,
      url: settings.url,
      memberOf: settings.member_of,
      accounts: settings.account,
      rotateSeconds: settings.rotate,
      rotateAdminSeconds: settings.rotate_admin,
      databases: settings.databases,
      tls: settings.tls,
      sessions: settings.sessions,
      owner: settings.owner,
    }),
});

/** What else is said of it can be read only where it is right. */
function checkUrl(url: Secret, checkMore: () => readonly Complaint[]): readonly Complaint[] {
  const why = findUrlFault(url);
  return why === undefined ? checkMore() : [{ path: ['url'], why }];
}

/** A scope that covers a database names its roles there, or an account; either for a scope that does not is a slip. */
function checkPlaces(options: {
  readonly memberOf: readonly Scope[];
  readonly account: readonly Scope[];
  readonly covering: readonly Scope[];
}): readonly Complaint[] {
  const { memberOf, account, covering } = options;
  return [
    ...findStrangers({ setting: 'member_of', listed: memberOf, covering }),
    ...findStrangers({ setting: 'account', listed: account, covering }),
    ...account
      .filter((name) => memberOf.includes(name))
      .map((name) => ({
        path: ['account', name],
        why: 'has roles in member_of as well: it is one or the other',
      })),
    ...covering
      .filter((name) => !memberOf.includes(name) && !account.includes(name))
      .map((name) => ({ path: ['member_of'], why: `names no role for ${name}` })),
  ];
}

function checkAccounts(accounts: Readonly<Record<Scope, string>>, url: Secret): readonly Complaint[] {
  const { user } = readPlace(url);
  return Object.entries(accounts)
    .filter(([, account]) => account === user)
    .map(([name]) => ({ path: ['account', name], why: 'is the administrator, which nobody may have' }));
}

function checkRotation(options: {
  readonly hasAccounts: boolean;
  readonly rotate: number | undefined;
  readonly rotateAdmin: number | undefined;
  readonly url: Secret;
}): readonly Complaint[] {
  const { hasAccounts, rotate, rotateAdmin, url } = options;
  const idle = rotate !== undefined && !hasAccounts;
  const unknown = rotateAdmin !== undefined && !hasPassword(url);
  return [
    ...(idle ? [{ path: ['rotate'], why: 'is for accounts, and there is none in "account"' }] : []),
    ...(unknown ? [{ path: ['rotate_admin'], why: 'needs a password in the url, to begin with' }] : []),
  ];
}

function hasPassword(url: Secret): boolean {
  return new URL(url.reveal()).password !== '';
}

function findStrangers(options: {
  readonly setting: string;
  readonly listed: readonly Scope[];
  readonly covering: readonly Scope[];
}): readonly Complaint[] {
  return options.listed
    .filter((name) => !options.covering.includes(name))
    .map((name) => ({ path: [options.setting, name], why: `no scope ${name} covers it` }));
}
