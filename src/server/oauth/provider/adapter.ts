import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider';
import type { Clock } from '../../../core/ports/clock.ts';
import type { FoundEntry, ProtocolStore } from '../../../core/ports/protocol-store.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';

export type Stored = { readonly protocol: ProtocolStore; readonly clock: Clock };

/** Looks at what was found before the provider does. It may add to it, or throw one of the provider's errors. */
export type Refine = (id: string, payload: AdapterPayload) => Promise<AdapterPayload>;

type Options = Stored & {
  /** By kind: adapters that need more than the plain one. */
  readonly special: Readonly<Record<string, Adapter>>;
};

/**
 * oidc-provider's storage over jit's `ProtocolStore`, with what the provider leaves to its storage: a code and a proof are
 * used once (DEV-15, TOK-03), and ids rest as hashes (DEV-11).
 */
export function createAdapterFactory({ special, ...stored }: Options): AdapterFactory {
  return (kind) => special[kind] ?? buildAdapter(kind, stored);
}

/**
 * The plain adapter. A payload's `jti` and user code are the secrets themselves: they are taken out, and put back
 * into what is found by them. Consuming is a compare-and-set whose loser gets `invalid_grant`.
 */
export function buildAdapter(kind: string, { protocol, clock }: Stored): Adapter {
  return {
    async upsert(id, payload, expiresInSeconds) {
      const { jti: _id, userCode, ...kept } = payload;
      const grantId = kind === 'Grant' ? id : payload.grantId;
      const expiresAt = readEnd(expiresInSeconds, clock.now());
      await protocol.put({ kind, id, payload: kept, expiresAt, grantId, userCode, uid: payload.uid });
    },
    async find(id) {
      return restore(await protocol.find(kind, id), { jti: id });
    },
    async findByUserCode(userCode) {
      return restore(await protocol.findByUserCode(kind, userCode), { userCode });
    },
    async findByUid(uid) {
      return restore(await protocol.findByUid(kind, uid), {});
    },
    async consume(id) {
      if (!(await protocol.consume(kind, id, clock.now()))) throw new errors.InvalidGrant('already used');
    },
    async destroy(id) {
      await protocol.remove(kind, id);
    },
    async revokeByGrantId(grantId) {
      await protocol.removeByGrant(grantId);
    },
  };
}

/** An adapter whose `find` shows what it found to `refine` first; undefined where that wants none of it. */
export function buildRefinedAdapter(plain: Adapter, refine: Refine): Adapter {
  return {
    ...plain,
    async find(id) {
      const payload = await plain.find(id);
      return payload ? refine(id, payload) : undefined;
    },
  };
}

/** A proof is remembered by inserting it: of any number of parallel uses one succeeds (TOK-03). */
export function buildReplayAdapter({ protocol, clock }: Stored): Adapter {
  const kind = 'ReplayDetection';
  return {
    ...buildAdapter(kind, { protocol, clock }),
    find: async () => undefined,
    async upsert(id, _payload, expiresInSeconds) {
      const expiresAt = readEnd(expiresInSeconds, clock.now());
      if (await protocol.insertOnce({ kind, id, expiresAt })) return;
      throw new errors.InvalidDpopProof('DPoP proof was used before');
    },
  };
}

/** Keeps nothing: whoever asks finds nothing, and begins anew. */
export function buildForgetfulAdapter(): Adapter {
  const forget = async (): Promise<void> => {};
  const findNothing = async (): Promise<undefined> => undefined;
  return {
    upsert: forget,
    find: findNothing,
    findByUserCode: findNothing,
    findByUid: findNothing,
    consume: forget,
    destroy: forget,
    revokeByGrantId: forget,
  };
}

function readEnd(expiresInSeconds: number | undefined, now: Instant): Instant | null {
  return expiresInSeconds === undefined ? null : now + expiresInSeconds * SECOND_MS;
}

function restore(
  entry: FoundEntry | undefined,
  secrets: { readonly jti?: string; readonly userCode?: string },
): AdapterPayload | undefined {
  if (!entry) return undefined;
  const consumed = entry.consumedAt === null ? {} : { consumed: Math.floor(entry.consumedAt / SECOND_MS) };
  return { ...entry.payload, ...secrets, ...consumed };
}
