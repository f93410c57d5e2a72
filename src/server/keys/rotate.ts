import { buildEvent } from '../../broker/events.ts';
import type { TokenAlgorithm } from '../../core/catalogue.ts';
import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Ids } from '../../core/ports/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Secret } from '../../core/secret.ts';
import type { KeyUse, KeyView, Rotation } from '../../core/server-keys.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import {
  CHECKPOINT_KEYS,
  COOKIE_KEYS,
  ES256_KEYS,
  type KeptKey,
  type KeyKind,
  makeJwk,
  RS256_KEYS,
  sealFirstKey,
  sealKeys,
  unsealKeys,
  withoutPrivateHalf,
} from './kept-keys.ts';
import { findSigning, findState, turnOver } from './ring.ts';

/** Longer than any replica takes to read the keys again, and than a verifier waits between two looks for unknown ones. */
export const LEAD_MS = 90 * SECOND_MS;

export type RotationParts = {
  readonly store: Pick<Store, 'readSetting' | 'commit'>;
  readonly secret: Secret;
  readonly clock: Clock;
  readonly ids: Ids;
  /** What the targets ask for. */
  readonly algorithms: readonly TokenAlgorithm[];
};

export type RotationOrder = {
  readonly uses: readonly KeyUse[];
  /** Who said so, for the audit log. */
  readonly actor: string;
  /** A new key is published for so long before it signs. */
  readonly leadMs: number;
  /** How long the last token, and the last session, can live that what is replaced has signed. */
  readonly longestTokenMs: number;
  readonly longestSessionMs: number;
};

/** Every key that is trusted, or will be. */
export async function listKeys(
  parts: Omit<RotationParts, 'ids'>,
  uses: readonly KeyUse[],
): Promise<readonly KeyView[]> {
  const views: KeyView[] = [];
  for (const kind of listKinds(parts, uses)) {
    const { keys } = await read(parts, kind);
    views.push(...viewKeys(keys, kind, parts.clock.now()));
  }
  return views;
}

/** Makes a key of each kind that signs later; one that waits already is left to come first (TOK-08). */
export async function rotateKeys(parts: RotationParts, order: RotationOrder): Promise<Rotation> {
  const made: KeyView[] = [];
  const waiting: KeyView[] = [];
  for (const kind of listKinds(parts, order.uses)) {
    const { views, isMade } = await rotateKind(parts, order, kind);
    (isMade ? made : waiting).push(...views.filter(({ state }) => state === 'next'));
  }
  return { made, waiting };
}

function listKinds({ algorithms }: Pick<RotationParts, 'algorithms'>, uses: readonly KeyUse[]) {
  const kinds = [ES256_KEYS, RS256_KEYS, COOKIE_KEYS, CHECKPOINT_KEYS];
  return kinds.filter(
    (kind) => uses.includes(kind.use) && (kind !== RS256_KEYS || algorithms.includes('RS256')),
  );
}

async function read({ store, secret }: Pick<RotationParts, 'store' | 'secret'>, kind: KeyKind) {
  const sealed = await store.readSetting(kind.setting, () => sealFirstKey(secret, kind));
  return { sealed, keys: unsealKeys(secret, kind, sealed) };
}

async function rotateKind(parts: RotationParts, order: RotationOrder, kind: KeyKind) {
  const { store, secret, clock } = parts;
  const now = clock.now();
  const { sealed, keys } = await read(parts, kind);
  if (keys.some((key) => findState(keys, key, now) === 'next'))
    return { views: viewKeys(keys, kind, now), isMade: false };
  const jwk = await makeJwk(kind.algorithm);
  const signsFrom = now + order.leadMs;
  const next: KeptKey = { id: jwk.kid ?? '', madeAt: now, signsFrom, verifiesUntil: null, jwk };
  const after = turnOver(shed(keys, kind, now), { next, now, keptMs: findKeptMs(kind, order) });
  const setting = { name: kind.setting, before: sealed, after: sealKeys(secret, kind, after) };
  const detail = { use: kind.use, algorithm: kind.algorithm, id: next.id, signs_from: signsFrom };
  const event = buildEvent(parts, { kind: 'keys.rotated', actor: order.actor, detail });
  if ((await store.commit({ event, setting })) === 'lost')
    throw fail('failed', { why: 'somebody else rotated the same keys at this moment: look again' });
  return { views: viewKeys(after, kind, now), isMade: true };
}

/** A checkpoint can be verified for ever, but nothing old is ever signed again: of what has been replaced only that half stays. */
function shed(keys: readonly KeptKey[], kind: KeyKind, now: Instant): readonly KeptKey[] {
  if (kind !== CHECKPOINT_KEYS) return keys;
  const signing = findSigning(keys, now);
  return keys.map((key) => (key === signing ? key : { ...key, jwk: withoutPrivateHalf(key.jwk) }));
}

function findKeptMs({ use }: KeyKind, order: RotationOrder): number | null {
  if (use === 'checkpoint') return null;
  return use === 'cookies' ? order.longestSessionMs : order.longestTokenMs;
}

function viewKeys(keys: readonly KeptKey[], kind: KeyKind, now: Instant): readonly KeyView[] {
  return keys.flatMap((key) => {
    const state = findState(keys, key, now);
    const { id, madeAt, signsFrom, verifiesUntil } = key;
    const { use, algorithm } = kind;
    return state ? [{ id, use, algorithm, state, madeAt, signsFrom, verifiesUntil }] : [];
  });
}
