import { fail } from '../../../core/errors.ts';
import type { Scope } from '../../../core/scope.ts';

/** What scopes stand for at a target, as its settings say. */
export type Places = {
  /** The target's name, for messages. */
  readonly name: string;
  readonly memberOf: Readonly<Record<Scope, readonly string[]>>;
  readonly accounts?: Readonly<Record<Scope, string>> | undefined;
  readonly owner?: string | undefined;
};

/** A login of the grant's own, a member of these roles; or an account that is there already. */
export type Place =
  | { readonly account: undefined; readonly memberOf: readonly string[] }
  | { readonly account: string };

/** Where a grant for these scopes logs in. Throws `target_failed` where they are for two logins. */
export function findPlace(places: Places, scopes: readonly Scope[]): Place {
  const accounts = scopes.map((scope) => ({ scope, account: readOwn(places.accounts, scope) }));
  const [first, ...others] = accounts;
  const other = others.find(({ account }) => account !== first?.account);
  if (first && other)
    throw fail('target_failed', {
      target: places.name,
      why: `${first.scope} and ${other.scope} are for two different logins: ask for one after the other`,
    });
  const account = first?.account;
  return account === undefined ? { account, memberOf: requireRoles(places, scopes) } : { account };
}

/** Who gets what a role of its own made. A scope may have left the configuration since: the role can still go. */
export function findRecipient(places: Places, scopes: readonly Scope[]): string | undefined {
  if (places.owner !== undefined) return places.owner;
  const known = scopes.filter((scope) => readOwn(places.memberOf, scope) !== undefined);
  return requireRoles(places, known)[0];
}

/** The accounts that these scopes stand for, as far as they are configured. */
export function listAccounts(
  { accounts }: Pick<Places, 'accounts'>,
  scopes: readonly Scope[],
): readonly string[] {
  return [...new Set(scopes.flatMap((scope) => readOwn(accounts, scope) ?? []))];
}

function requireRoles(places: Places, scopes: readonly Scope[]): readonly string[] {
  const roles = scopes.flatMap((scope) => {
    const found = readOwn(places.memberOf, scope);
    if (found) return found;
    throw fail('target_failed', { target: places.name, why: `"member_of" has nothing for ${scope}` });
  });
  return [...new Set(roles)];
}

function readOwn<T>(record: Readonly<Record<Scope, T>> | undefined, scope: Scope): T | undefined {
  return record && Object.hasOwn(record, scope) ? record[scope] : undefined;
}
