import type { TokenAlgorithm } from '../../core/catalogue.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import { Secret } from '../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import { chooseKeys, type OpenKey, openKey, type SigningKeys } from '../oauth/tokens/keys.ts';
import {
  CHECKPOINT_KEYS,
  COOKIE_KEYS,
  ES256_KEYS,
  type KeptKey,
  type KeyKind,
  RS256_KEYS,
  sealFirstKey,
  unsealKeys,
} from './kept-keys.ts';
import { findNextTurn, listTrusted } from './ring.ts';

/** How soon every replica knows of a rotation. Far less than a key is published for before it signs. */
const READ_AGAIN_MS = 5 * SECOND_MS;

export type KeyKeeper = {
  /** What signs and verifies at the moment of asking: it changes while somebody has it. */
  readonly signing: SigningKeys;
  /** The secrets behind cookies: the first signs, the others are still, or already, good. */
  readonly listCookieSecrets: () => readonly Secret[];
  /** There is a key for each of these from now on. */
  readonly demand: (algorithms: readonly TokenAlgorithm[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type KeeperParts = {
  readonly store: Pick<Store, 'readSetting'>;
  readonly secret: Secret;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly readAgainMs?: number | undefined;
};

/** The server's own keys, made at the first start of the first replica, and read again for as long as it runs (TOK-08). */
export async function openKeyKeeper(parts: KeeperParts): Promise<KeyKeeper> {
  const { clock, secret } = parts;
  const rings = createRings(parts);
  for (const kind of [ES256_KEYS, COOKIE_KEYS, CHECKPOINT_KEYS]) await rings.read(kind);
  const stopping = new AbortController();
  const running = readAgain(parts, { rings, stopping: stopping.signal });
  return {
    signing: createLiveKeys(() => rings.choose(clock.now())),
    listCookieSecrets: () =>
      listTrusted(rings.listKept(COOKIE_KEYS), clock.now()).map((key) => rings.openCookie(key, secret)),
    demand: async (algorithms) => {
      if (algorithms.includes('RS256')) await rings.read(RS256_KEYS);
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** What signs and verifies from one moment to another. */
type Chosen = { readonly keys: SigningKeys; readonly from: Instant; readonly until: Instant };

type Rings = ReturnType<typeof createRings>;

async function readAgain(
  { clock, onError, readAgainMs = READ_AGAIN_MS }: KeeperParts,
  { rings, stopping }: { readonly rings: Rings; readonly stopping: AbortSignal },
): Promise<void> {
  for (;;) {
    await clock.sleep(readAgainMs, stopping);
    if (stopping.aborted) return;
    for (const kind of rings.listKinds()) await rings.read(kind).catch(onError);
  }
}

/** What was read last, opened once for each key. */
function createRings({ store, secret }: KeeperParts) {
  const kept = new Map<KeyKind, { readonly sealed: string; readonly keys: readonly KeptKey[] }>();
  const opened = new Map<string, OpenKey>();
  const cookies = new Map<string, Secret>();
  let chosen: Chosen | undefined;
  const listKept = (kind: KeyKind): readonly KeptKey[] => kept.get(kind)?.keys ?? [];
  const listOpen = (kind: KeyKind): readonly OpenKey[] =>
    listKept(kind).flatMap((key) => {
      const open = opened.get(key.id);
      return open ? [{ ...open, signsFrom: key.signsFrom, verifiesUntil: key.verifiesUntil }] : [];
    });
  return {
    listKept,
    listKinds: () => [...kept.keys()],
    read: async (kind: KeyKind): Promise<void> => {
      const sealed = await store.readSetting(kind.setting, () => sealFirstKey(secret, kind));
      if (kept.get(kind)?.sealed === sealed) return;
      const keys = unsealKeys(secret, kind, sealed);
      // Before they are in the list: whoever asks in between finds none that is not ready.
      if (kind.use === 'signing')
        for (const key of keys) if (!opened.has(key.id)) opened.set(key.id, await openKey(key));
      kept.set(kind, { sealed, keys });
      chosen = undefined;
    },
    choose: (now: Instant): SigningKeys => {
      // Every token that is looked at asks for them.
      if (!chosen || now < chosen.from || now >= chosen.until) {
        const rings = [ES256_KEYS, RS256_KEYS].map(listOpen);
        const until = Math.min(...rings.map((ring) => findNextTurn(ring, now)));
        chosen = { keys: chooseKeys(rings, now), from: now, until };
      }
      return chosen.keys;
    },
    openCookie: ({ id, jwk }: KeptKey, first: Secret): Secret => {
      const known = cookies.get(id) ?? (jwk.k === undefined ? first : new Secret(jwk.k));
      cookies.set(id, known);
      return known;
    },
  };
}

function createLiveKeys(choose: () => SigningKeys): SigningKeys {
  return {
    get currentId() {
      return choose().currentId;
    },
    get currentKey() {
      return choose().currentKey;
    },
    get generation() {
      return choose().generation;
    },
    get publicJwks() {
      return choose().publicJwks;
    },
    findSigner: (algorithm) => choose().findSigner(algorithm),
    findPublicKey: (keyId) => choose().findPublicKey(keyId),
    revealJwks: () => choose().revealJwks(),
  };
}
