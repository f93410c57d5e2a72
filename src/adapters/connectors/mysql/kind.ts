import * as v from 'valibot';
import type { Complaint } from '../../../core/config/complaint.ts';
import { defineConnectorKind } from '../../../core/config/connector-kind.ts';
import { named, roleName, scope } from '../../../core/config/fields.ts';
import type { Scope } from '../../../core/scope.ts';
import { Secret } from '../../../core/secret.ts';
import { parseAddress } from './address.ts';
import { openMysqlConnector } from './open.ts';

const mysqlUrl = v.pipe(
  v.string(),
  v.check(
    (text) => /^(mysql|mariadb):\/\/[^@/]+@./.test(text) && URL.canParse(text),
    'must be a URL like mysql://user:password@host/database',
  ),
  v.transform((text) => new Secret(text)),
);

/** `kind: mysql`: a user per grant on MariaDB or MySQL, a member of roles that the database's owner prepared. */
export const mysqlKind = defineConnectorKind({
  kind: 'mysql',
  entries: {
    url: mysqlUrl,
    member_of: named(scope, v.pipe(v.array(roleName), v.minLength(1, 'must name a role'))),
  },
  check: ({ url, member_of }, covering) => [
    ...checkUrl(url),
    ...checkMembership(Object.keys(member_of), covering),
  ],
  listSecrets: ({ url }) => (new URL(url.reveal()).password === '' ? [] : [['url']]),
  open: ({ name, settings }, parts) =>
    openMysqlConnector({ ...parts, name, url: settings.url, memberOf: settings.member_of }),
});

/** At the start, with file and line, and not when somebody needs it. */
function checkUrl(url: Secret): readonly Complaint[] {
  try {
    parseAddress(url, (why) => new TypeError(why));
    return [];
  } catch (error) {
    if (error instanceof TypeError) return [{ path: ['url'], why: error.message }];
    throw error;
  }
}

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
