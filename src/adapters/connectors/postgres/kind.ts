import * as v from 'valibot';
import type { Complaint } from '../../../core/config/complaint.ts';
import { defineConnectorKind } from '../../../core/config/connector-kind.ts';
import { named, postgresUrl, roleName, scope } from '../../../core/config/fields.ts';
import type { Scope } from '../../../core/scope.ts';
import { openPostgresConnector } from './open.ts';

/** `kind: postgres`: a login role per grant, a member of roles that the database's owner prepared (S7). */
export const postgresKind = defineConnectorKind({
  kind: 'postgres',
  entries: {
    url: postgresUrl,
    member_of: named(scope, v.pipe(v.array(roleName), v.minLength(1, 'must name a role'))),
    owner: v.optional(roleName),
  },
  check: ({ member_of }, covering) => checkMembership(Object.keys(member_of), covering),
  listSecrets: ({ url }) => (new URL(url.reveal()).password === '' ? [] : [['url']]),
  open: ({ name, settings }, parts) =>
    openPostgresConnector({
      ...parts,
      name,
      url: settings.url,
      memberOf: settings.member_of,
      owner: settings.owner,
    }),
});

/** A scope that covers a database names its roles there; a role list for a scope that does not is a slip. */
function checkMembership(listed: readonly Scope[], covering: readonly Scope[]): readonly Complaint[] {
  return [
    ...listed
      .filter((name) => !covering.includes(name))
      .map((name) => ({ path: ['member_of', name], why: `no scope ${name} covers it` })),
    ...covering
      .filter((name) => !listed.includes(name))
      .map((name) => ({ path: ['member_of'], why: `names no role for ${name}` })),
  ];
}
