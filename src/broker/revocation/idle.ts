import { fail, hasCode } from '../../core/errors.ts';
import { findLastUse, type Grant, isGrantUsable } from '../../core/grant.ts';
import { TARGET_DEADLINE_MS } from '../../core/limits.ts';
import type { TakenWork, Work } from '../../core/ports/store.ts';
import { isSamePrincipal } from '../../core/principal.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import { SYSTEM } from '../events.ts';
import { type Asker, type Broker, requireConnector } from '../parts.ts';
import { buildGrantWork } from '../work/queue.ts';
import { tryRevocation } from './revoke.ts';

/** How often a target is looked at, between a second and a minute: it forgets a session that has ended. */
const LOOKS_PER_IDLE_TIME = 4;
const LONGEST_BETWEEN_LOOKS_MS = 60 * SECOND_MS;
/** A use that is told more often than this part of the idle time is not written down each time. */
const PARTS = 10;
/** A grant that may be idle as long as it likes: its uses are written down this often at most. */
const BETWEEN_USES_MS = 60 * SECOND_MS;

/** The clockwork of a grant that ends when nobody uses it; undefined where it does not. */
export function buildIdleCheck(grant: Grant): Work | undefined {
  if (grant.idleSeconds === undefined) return undefined;
  return buildGrantWork(grant, { kind: 'idle', dueAt: grant.claimedAt + findLookMs(grant.idleSeconds) });
}

function findLookMs(idleSeconds: number): number {
  const partMs = (idleSeconds * SECOND_MS) / LOOKS_PER_IDLE_TIME;
  return Math.round(Math.min(LONGEST_BETWEEN_LOOKS_MS, Math.max(SECOND_MS, partMs)));
}

/**
 * Ends a grant that nobody used for as long as it may be idle, and until then looks again and again. What counts as use:
 * what the target saw, an introspection of its token, a certificate, and `jit exec` while its command runs.
 */
export async function runIdleCheck(broker: Broker, work: TakenWork, grant: Grant): Promise<void> {
  const { idleSeconds, state } = grant;
  if (idleSeconds === undefined || state === 'revoking') return broker.store.finishWork(work);
  const idleMs = idleSeconds * SECOND_MS;
  const now = broker.clock.now();
  // Its claim goes on, or its end comes: until then there is nothing to use.
  if (state === 'provisioning') return broker.store.postponeWork(work, now + findLookMs(idleSeconds));
  const seen = await look(broker, grant);
  if (typeof seen === 'number') await broker.store.recordUse(grant.id, Math.min(seen, now));
  const current = (await broker.store.readGrant(grant.id)) ?? grant;
  // A target that cannot be asked is given as long again; then what is known counts (S15).
  const idleAt = findLastUse(current) + (seen === 'unknown' ? 2 * idleMs : idleMs);
  if (now < idleAt) return broker.store.postponeWork(work, Math.min(idleAt, now + findLookMs(idleSeconds)));
  if (await tryRevocation(broker, current, { because: 'idle', actor: SYSTEM })) return;
  // Whoever was faster may have extended it, which is a use.
  const changed = await broker.store.readGrant(grant.id);
  if (changed && changed.state !== 'ended') await runIdleCheck(broker, work, changed);
}

/** When the target last saw it; null where it cannot tell, or saw nothing. */
async function look(broker: Broker, grant: Grant): Promise<Instant | null | 'unknown'> {
  try {
    const connector = requireConnector(broker, grant.target);
    const handle = grant.handle ?? connector.plan(grant.id);
    return await connector.activity(handle, broker.clock.now() + TARGET_DEADLINE_MS);
  } catch (error) {
    if (hasCode(error, 'target_failed')) return 'unknown';
    throw error;
  }
}

/** Its holder uses it at this moment. */
export async function recordOwnUse(broker: Broker, asker: Asker, grantId: string): Promise<Grant> {
  const grant = await broker.store.readGrant(grantId);
  if (!grant || !isSamePrincipal(asker.principal, grant.heldBy))
    throw fail('not_found', { what: `grant ${grantId}` });
  const now = broker.clock.now();
  if (!isGrantUsable(grant, now)) throw fail('no_grant', { why: `${grantId} is not live any more` });
  if (now - (grant.lastUsedAt ?? 0) < findBetweenUsesMs(broker, grant)) return grant;
  await broker.store.recordUse(grant.id, now);
  return { ...grant, lastUsedAt: now };
}

function findBetweenUsesMs({ connectors }: Broker, { target, idleSeconds }: Grant): number {
  if (idleSeconds !== undefined) return (idleSeconds * SECOND_MS) / PARTS;
  // The last use says until when a certificate is good (`findLingering`): signing one is the use there.
  return connectors.get(target)?.certificates ? Number.POSITIVE_INFINITY : BETWEEN_USES_MS;
}
