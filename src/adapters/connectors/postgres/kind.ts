import * as v from 'valibot';
import type { Complaint } from '../../../core/config/complaint.ts';
import { defineConnectorKind } from '../../../core/config/connector-kind.ts';
import { mapping, named, postgresUrl, roleName, scope } from '../../../core/config/fields.ts';
import type { Scope } from '../../../core/scope.ts';
import { openPostgresConnector } from './open.ts';
import { databaseNames, sessionSettings, tlsSettings } from './settings.ts';
import { checkTls } from './tls-check.ts';

/** `kind: postgres`: a login role per grant, a member of roles that the database's owner prepared (S7). */
export const postgresKind = defineConnectorKind({
  kind: 'postgres',
  entries: {
    url: postgresUrl,
    member_of: named(scope, v.pipe(v.array(roleName), v.minLength(1, 'must name a role'))),
    databases: v.optional(databaseNames),
    tls: v.optional(v.pipe(mapping, tlsSettings)),
    sessions: v.optional(named(scope, sessionSettings), {}),
    owner: v.optional(roleName),
  },
  check: ({ url, tls, member_of, sessions }, covering) => [
    ...checkTls(url, tls),
    ...checkMembership(Object.keys(member_of), covering),
    ...findStrangers({ setting: 'sessions', listed: Object.keys(sessions), covering }),
  ],
  listSecrets: ({ url }) => (new URL(url.reveal()).password === '' ? [] : [['url']]),
  open: ({ name, settings }, parts) =>
    openPostgresConnector({
      ...parts,
      name,
      url: settings.url,
      memberOf: settings.member_of,
      databases: settings.databases,
      tls: settings.tls,
      sessions: settings.sessions,
      owner: settings.owner,
    }),
});

/** A scope that covers a database names its roles there; a role list for a scope that does not is a slip. */
function checkMembership(listed: readonly Scope[], covering: readonly Scope[]): readonly Complaint[] {
  return [
    ...findStrangers({ setting: 'member_of', listed, covering }),
    ...covering
      .filter((name) => !listed.includes(name))
      .map((name) => ({ path: ['member_of'], why: `names no role for ${name}` })),
  ];
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
