import {
  LONGEST_GROUP_CHARACTERS,
  LONGEST_NAME_CHARACTERS,
  LONGEST_SUB_CHARACTERS,
  MOST_GROUPS,
  MOST_STRENGTHS,
} from '../limits.ts';
import type { Principal } from '../principal.ts';
import { isTreacherous } from '../text.ts';

/** Which claims say what (`identity.oidc` in the configuration). */
export type ClaimNames = {
  readonly groupsClaim: string;
  readonly nameClaim: string;
  readonly personClaim: string | null;
};

export type DecodedPerson =
  | { readonly kind: 'person'; readonly principal: Principal }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'malformed'; readonly why: string };

type Claims = Readonly<Record<string, unknown>>;

/**
 * The person in claims whose origin was proved. The subject is `oidc:<sub>`: it never changes, whatever the person is
 * called. No groups claim means no groups; one that is no list of short texts is malformed, as a missing name is.
 * `active: false` is how providers that speak SCIM's words say that an account is disabled.
 */
export function decodeCompanyPerson(claims: Claims, names: ClaimNames): DecodedPerson {
  const sub = readOwn(claims, 'sub');
  if (!isSub(sub)) return malformed('its "sub" is no subject');
  const active = readOwn(claims, 'active');
  if (active === false) return { kind: 'disabled' };
  if (active !== undefined && active !== true) return malformed('its "active" is neither true nor false');
  const name = readOwn(claims, names.nameClaim);
  if (!isName(name)) return malformed(`its "${names.nameClaim}" is no name`);
  const groups = readOwn(claims, names.groupsClaim) ?? [];
  if (!isGroups(groups)) return malformed(`its "${names.groupsClaim}" is no list of groups`);
  const person = names.personClaim === null ? sub : readOwn(claims, names.personClaim);
  if (!isName(person)) return malformed(`its "${names.personClaim}" names nobody`);
  const subject = `oidc:${sub}`;
  return {
    kind: 'person',
    principal: { subject, name, kind: 'person', groups: [...new Set(groups)], person: `oidc:${person}` },
  };
}

/** `acr` and `amr` together; undefined where one of them is malformed. */
export function decodeStrengths(claims: Claims): readonly string[] | undefined {
  const acr = readOwn(claims, 'acr') ?? '';
  const amr = readOwn(claims, 'amr') ?? [];
  if (typeof acr !== 'string' || !Array.isArray(amr) || amr.length > MOST_STRENGTHS) return undefined;
  const strengths = [acr, ...amr].filter((strength) => strength !== '');
  return strengths.every(isName) ? [...new Set(strengths)] : undefined;
}

/** Do the claims lack one that the person's name, groups or human are in? Then userinfo may have it. */
export function lacksPersonClaims(claims: Claims, names: ClaimNames): boolean {
  const wanted = [
    names.nameClaim,
    names.groupsClaim,
    ...(names.personClaim === null ? [] : [names.personClaim]),
  ];
  return wanted.some((name) => readOwn(claims, name) === undefined);
}

/** What the names `__proto__` and `constructor` lead to is not what was sent. */
function readOwn(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function malformed(why: string): DecodedPerson {
  return { kind: 'malformed', why };
}

function isSub(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_SUB_CHARACTERS && /^[\x21-\x7e]+$/.test(value);
}

function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= LONGEST_NAME_CHARACTERS &&
    !isTreacherous(value)
  );
}

function isGroups(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_GROUPS &&
    value.every((group) => isName(group) && group.length <= LONGEST_GROUP_CHARACTERS)
  );
}
