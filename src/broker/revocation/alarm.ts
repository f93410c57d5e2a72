import type { Grant } from '../../core/grant.ts';
import type { TakenWork, Work } from '../../core/ports/store.ts';
import { SECOND_MS } from '../../core/time.ts';
import { buildEvent, SYSTEM } from '../events.ts';
import { NOTHING_TOLD, tell } from '../notice/notices.ts';
import type { Broker } from '../parts.ts';
import { buildGrantWork } from '../work/queue.ts';

/** Of each target: the grant whose revocation people were called about last. */
const CALLED_ABOUT = 'called_about:';

/** The clockwork of a revocation that failed: not confirmed by then, people are called. */
export function buildAlarm(broker: Pick<Broker, 'clock' | 'settings'>, grant: Grant): Work {
  const dueAt = broker.clock.now() + broker.settings.alertAfterSeconds * SECOND_MS;
  return buildGrantWork(grant, { kind: 'alarm', dueAt });
}

/**
 * Calls people about a revocation that is not confirmed in time (S5), once, and once for each target: they need not hear
 * five hundred times that it is away. Whoever confirms it tells them again, and what is still not confirmed then is next.
 * What is known to run out by itself is no reason to call anybody before it has.
 */
export async function runAlarm(broker: Broker, work: TakenWork, grant: Grant): Promise<void> {
  const { alarmedAt, attempts, lastError, lingersUntil } = grant.revocation;
  if (grant.state !== 'revoking' || alarmedAt !== undefined) return broker.store.finishWork(work);
  const now = broker.clock.now();
  const waitMs = broker.settings.alertAfterSeconds * SECOND_MS;
  const quietUntil = (lingersUntil ?? 0) + waitMs;
  if (lingersUntil !== undefined && now < quietUntil) return broker.store.postponeWork(work, quietUntil);
  const before = await findCalledAbout(broker, grant);
  const isFirst = !(await isStillUnconfirmed(broker, before));
  // On record already: it waits for its turn.
  if (!isFirst && work.attempts > 0) return broker.store.postponeWork(work, now + waitMs);
  const telling = isFirst ? tell(broker, 'grant.revocation_overdue', grant.requestId) : NOTHING_TOLD;
  const revocation = isFirst ? { ...grant.revocation, alarmedAt: now } : grant.revocation;
  const outcome = await broker.store.commit({
    grant: { before: grant, after: { ...grant, version: grant.version + 1, revocation } },
    event: buildEvent(broker, {
      kind: 'grant.revocation_overdue',
      actor: SYSTEM,
      requestId: grant.requestId,
      grantId: grant.id,
      detail: { attempts, why: lastError },
    }),
    notices: telling.notices,
    ...(isFirst ? { setting: { name: CALLED_ABOUT + grant.target, before, after: grant.id } } : {}),
    work: isFirst
      ? [{ finish: work.id }, ...telling.work]
      : [{ queue: { ...buildAlarm(broker, grant), attempts: 1 } }],
  });
  broker.wake();
  if (outcome === 'committed') return;
  const current = await broker.store.readGrant(grant.id);
  if (current) await runAlarm(broker, work, current);
}

async function findCalledAbout({ store }: Broker, { target }: Grant): Promise<string | null> {
  const name = CALLED_ABOUT + target;
  const known = await store.listSettings(name);
  return known.find((setting) => setting.name === name)?.value ?? null;
}

async function isStillUnconfirmed({ store }: Broker, grantId: string | null): Promise<boolean> {
  const grant = grantId === null ? undefined : await store.readGrant(grantId);
  return grant?.state === 'revoking' && grant.revocation.alarmedAt !== undefined;
}

/** What people are told once a revocation that they were called about is confirmed. */
export function tellConfirmed(broker: Broker, grant: Grant): ReturnType<typeof tell> {
  if (grant.revocation.alarmedAt === undefined) return NOTHING_TOLD;
  return tell(broker, 'grant.revocation_confirmed', grant.requestId);
}
