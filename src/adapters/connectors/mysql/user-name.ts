import { fail } from '../../../core/errors.ts';

/** Who names users: the target for messages, the installation for the prefix. */
export type Namer = { readonly name: string; readonly installation: string };

/** MySQL allows 32 characters: 4 for `jit_`, 8 for the installation, 1 between, and this many of the grant's id. */
const ID_CHARACTERS = 19;
const GRANT_ID = /^gr_([0-9a-z]{1,40})$/;
const INSTALLATION = /^[a-z0-9]{1,8}$/;
const USER = /^jit_[a-z0-9]{1,8}_[0-9a-z]{1,19}$/;

/** What every user of this installation begins with. */
export function userPrefix(namer: Namer): string {
  if (INSTALLATION.test(namer.installation)) return `jit_${namer.installation}_`;
  throw fail('target_failed', { target: namer.name, why: 'the installation id is not one' });
}

/**
 * `gr_01k…` becomes `jit_<installation>_` and the id's last 19 characters: all that is random in it, so that no two
 * grants share a name and an administrator finds the grant by its end. At most 32 bytes of `[a-z0-9_]` (S8).
 */
export function buildUserName(namer: Namer, grantId: string): string {
  const id = GRANT_ID.exec(grantId.toLowerCase())?.[1];
  if (id) return userPrefix(namer) + id.slice(-ID_CHARACTERS);
  throw fail('target_failed', { target: namer.name, why: 'that is not the id of a grant' });
}

/** Is this one of ours? Names read back from a server may be anything at all. */
export function isOwnUser(namer: Namer, user: string): boolean {
  return user.startsWith(userPrefix(namer)) && USER.test(user);
}

/** The name as it came, where it is one of ours; throws `target_failed` before anything is sent otherwise. */
export function requireOwnUser(namer: Namer, user: string): string {
  if (isOwnUser(namer, user)) return user;
  throw fail('target_failed', { target: namer.name, why: 'that user was not made by this installation' });
}
