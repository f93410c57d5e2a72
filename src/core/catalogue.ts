import { fail } from './errors.ts';
import { findNearest, type Scope } from './scope.ts';

export type Sensitivity = 'low' | 'medium' | 'high' | 'critical';

/** A named scope: what it is for, how long it may last, where it applies. */
export type ScopeEntry = {
  readonly name: Scope;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly defaultSeconds: number;
  readonly maxSeconds: number;
  /** A grant of it ends when nobody used it for so long; absent where it may be idle. */
  readonly idleSeconds?: number;
  readonly targets: readonly string[];
};

/** What the tokens of a target's grants are like; nothing said: bearer tokens that last as long as their grant. */
export type TokenRules = {
  /** A token ends after this, though its grant goes on: the next one is signed under the same grant. */
  readonly tokenSeconds?: number | null;
  /** Tokens are bound to the key of the session that fetches them (RFC 9449 §6). */
  readonly isBound?: boolean;
  /** What tokens are signed with; nothing said: ES256. */
  readonly algorithm?: TokenAlgorithm;
};

/** RS256 is for services that accept nothing else: five times dearer to sign. */
export const TOKEN_ALGORITHMS = ['ES256', 'RS256'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

export type TargetEntry = TokenRules & {
  readonly name: string;
  readonly kind: string;
  readonly audience: string;
};

/** All scopes and targets of one server. */
export type Catalogue = {
  readonly scopes: readonly ScopeEntry[];
  readonly targets: readonly TargetEntry[];
};

export function requireScope(catalogue: Pick<Catalogue, 'scopes'>, scope: string): ScopeEntry {
  const entry = catalogue.scopes.find((candidate) => candidate.name === scope);
  if (entry) return entry;
  const nearest = findNearest(
    scope,
    catalogue.scopes.map((candidate) => candidate.name),
  );
  throw fail('unknown_scope', { scope, nearest });
}

export function requireTarget<T extends { readonly name: string }>(
  catalogue: { readonly targets: readonly T[] },
  target: string,
): T {
  const entry = catalogue.targets.find((candidate) => candidate.name === target);
  if (entry) return entry;
  const nearest = findNearest(
    target,
    catalogue.targets.map((candidate) => candidate.name),
  );
  throw fail('unknown_target', { target, nearest });
}

/** The targets that every one of the scopes covers, in the first scope's order. */
export function findSharedTargets(entries: readonly ScopeEntry[]): readonly string[] {
  const [first, ...rest] = entries;
  if (!first) return [];
  return first.targets.filter((target) => rest.every((entry) => entry.targets.includes(target)));
}
