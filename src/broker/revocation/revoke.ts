import { fail } from '../../core/errors.ts';
import { canMoveGrant, type EndCause, type Grant } from '../../core/grant.ts';
import type { Work, WorkChange } from '../../core/ports/store.ts';
import { isSamePrincipal } from '../../core/principal.ts';
import { buildEvent } from '../events.ts';
import type { Asker, Broker } from '../parts.ts';
import { createRights } from '../rights.ts';
import { buildGrantWork, buildWorkId } from '../work/queue.ts';

export type Ending = {
  readonly because: EndCause;
  readonly actor: string;
  /** The name of who takes it from its holder; absent where the holder or the clockwork ends it. */
  readonly by?: string | undefined;
};

/**
 * Begins to take a grant away: from this commit on its token is dead. The worker removes the credential and is
 * the only one to say `ended`. Returns the grant as it is afterwards, whoever moved it.
 */
export async function beginRevocation(broker: Broker, grant: Grant, ending: Ending): Promise<Grant> {
  if (!canMoveGrant(grant.state, 'revoking') || grant.state === 'revoking') return grant;
  const after = await tryRevocation(broker, grant, ending);
  if (after) return after;
  const current = await broker.store.readGrant(grant.id);
  if (!current) throw fail('not_found', { what: `grant ${grant.id}` });
  return beginRevocation(broker, current, ending);
}

/** Begins to take the grant away as it was read; undefined where somebody has changed it since: then nothing was done. */
export async function tryRevocation(
  broker: Broker,
  grant: Grant,
  ending: Ending,
): Promise<Grant | undefined> {
  const { after, work } = buildRevocation(broker, grant, ending);
  const outcome = await broker.store.commit({
    grant: { before: grant, after },
    event: buildEvent(broker, {
      kind: ending.because === 'failed' ? 'grant.failed' : 'grant.revoking',
      actor: ending.actor,
      requestId: grant.requestId,
      grantId: grant.id,
      detail: { because: ending.because },
    }),
    work,
  });
  broker.wake();
  return outcome === 'committed' ? after : undefined;
}

/** The grant as it is from now on, and the work that follows: part of whatever transition ends it. */
export function buildRevocation(
  broker: Pick<Broker, 'clock'>,
  grant: Grant,
  { because, by }: Pick<Ending, 'because' | 'by'>,
): { readonly after: Grant; readonly work: readonly WorkChange[] } {
  const after: Grant = {
    ...grant,
    state: 'revoking',
    version: grant.version + 1,
    endedBecause: because,
    revocation: {
      ...grant.revocation,
      token: 'revoked',
      target: 'removing',
      ...(by === undefined ? {} : { by }),
    },
  };
  return {
    after,
    work: [
      { finish: buildWorkId('expire', grant.id) },
      ...(grant.idleSeconds === undefined ? [] : [{ finish: buildWorkId('idle', grant.id) }]),
      { queue: buildRemoval(after, broker.clock.now()) },
    ],
  };
}

export type RevokeOrder = {
  readonly asker: Asker;
  readonly grantId: string;
  readonly because: 'done' | 'revoked';
};

/** Revokes one's own grant, or another's where policy permits `revoke`. Someone who may not is told `not_found`. */
export async function revoke(broker: Broker, order: RevokeOrder): Promise<Grant> {
  const grant = await broker.store.readGrant(order.grantId);
  if (!grant || !createRights(broker, order.asker).mayRevoke(grant))
    throw fail('not_found', { what: `grant ${order.grantId}` });
  return beginRevocation(broker, grant, buildEnding(order.asker, { grant, because: order.because }));
}

/** What the asker does to the grant: `because` of one's own, else it is taken from its holder. */
export function buildEnding(
  { principal }: Asker,
  { grant, because }: { readonly grant: Grant; readonly because: 'done' | 'revoked' },
): Ending {
  const actor = principal.subject;
  if (isSamePrincipal(principal, grant.heldBy)) return { because, actor };
  return { because: 'revoked', actor, by: principal.name };
}

export function buildExpiry(grant: Grant): Work {
  return buildGrantWork(grant, { kind: 'expire', dueAt: grant.expiresAt });
}

export function buildRemoval(grant: Grant, dueAt: number): Work {
  const { attempts, lastError } = grant.revocation;
  return { ...buildGrantWork(grant, { kind: 'remove', dueAt }), attempts, lastError };
}
