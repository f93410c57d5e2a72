import { fail } from '../../../core/errors.ts';

/** Who names roles: the target for messages, the installation for the prefix. */
export type Namer = { readonly name: string; readonly installation: string };

const GRANT_ID = /^gr_([0-9a-z]{1,40})$/;
const INSTALLATION = /^[a-z0-9]{1,16}$/;
const ROLE = /^jit_[a-z0-9]{1,16}_[0-9a-z]{1,40}$/;

/** What every role of this installation begins with. */
export function rolePrefix(namer: Namer): string {
  if (INSTALLATION.test(namer.installation)) return `jit_${namer.installation}_`;
  throw fail('target_failed', { target: namer.name, why: 'the installation id is not one' });
}

/** `gr_01k…` becomes `jit_<installation>_01k…`: at most 61 bytes of `[a-z0-9_]`, safe unquoted (S8). */
export function buildRoleName(namer: Namer, grantId: string): string {
  const id = GRANT_ID.exec(grantId.toLowerCase())?.[1];
  if (id) return rolePrefix(namer) + id;
  throw fail('target_failed', { target: namer.name, why: 'that is not the id of a grant' });
}

/** Is this one of ours? Names read back from a server may be anything at all. */
export function isOwnRole(namer: Namer, role: string): boolean {
  return role.startsWith(rolePrefix(namer)) && ROLE.test(role);
}

/** The name as it came, where it is one of ours; throws `target_failed` before anything is sent otherwise. */
export function requireOwnRole(namer: Namer, role: string): string {
  if (isOwnRole(namer, role)) return role;
  throw fail('target_failed', { target: namer.name, why: 'that role was not made by this installation' });
}

/** The grant that a role of ours was made for. */
export function readGrantId(role: string): string {
  return `gr_${role.slice(role.lastIndexOf('_') + 1)}`;
}
