import { fail, hasCode } from '../../core/errors.ts';
import type { Grant } from '../../core/grant.ts';
import { TARGET_DEADLINE_MS } from '../../core/limits.ts';
import type { TakenWork } from '../../core/ports/store.ts';
import { isRequestSettled } from '../../core/request.ts';
import type { Instant } from '../../core/time.ts';
import { buildEvent, SYSTEM } from '../events.ts';
import { findLingering } from '../grant/certificates.ts';
import { runDelivery } from '../notice/deliver.ts';
import { refreshCards, type Telling } from '../notice/notices.ts';
import { type Broker, requireConnector } from '../parts.ts';
import { isCall, runCall } from '../request/calls.ts';
import { lapse } from '../request/requests.ts';
import { runAlarm, tellConfirmed } from '../revocation/alarm.ts';
import { recordFailure } from '../revocation/failed-removal.ts';
import { runIdleCheck } from '../revocation/idle.ts';
import { buildRemoval, tryRevocation } from '../revocation/revoke.ts';
import { buildWorkId } from './queue.ts';

/** Does one piece of due work. Safe to do twice, and at the same time: every step is a conditional commit. */
export async function runWork(broker: Broker, work: TakenWork): Promise<void> {
  if (work.kind === 'lapse') return runLapse(broker, work);
  if (work.kind === 'deliver') return runDelivery(broker, work);
  if (isCall(work)) return runCall(broker, work);
  if (!isAboutGrant(work)) return;
  const grant = work.grantId === null ? undefined : await broker.store.readGrant(work.grantId);
  if (!grant || grant.state === 'ended') return broker.store.finishWork(work);
  if (work.kind === 'expire') return runExpiry(broker, work, grant);
  if (work.kind === 'idle') return runIdleCheck(broker, work, grant);
  if (work.kind === 'alarm') return runAlarm(broker, work, grant);
  return runRemoval(broker, work, grant);
}

/** False for what only a later version knows: its lease runs out, and that one takes it. */
function isAboutGrant({ kind }: TakenWork): boolean {
  return kind === 'expire' || kind === 'idle' || kind === 'alarm' || kind === 'remove';
}

async function runLapse(broker: Broker, work: TakenWork): Promise<void> {
  const request = work.requestId === null ? undefined : await broker.store.readRequest(work.requestId);
  if (!request || isRequestSettled(request.state)) return broker.store.finishWork(work);
  await lapse(broker, request);
}

async function runExpiry(broker: Broker, work: TakenWork, grant: Grant): Promise<void> {
  if (grant.state === 'revoking') return broker.store.finishWork(work);
  if (broker.clock.now() < grant.expiresAt) return;
  if (await tryRevocation(broker, grant, { because: 'expired', actor: SYSTEM })) return;
  // Whoever was faster may have extended it.
  const current = await broker.store.readGrant(grant.id);
  if (current && current.state !== 'ended') await runExpiry(broker, work, current);
}

async function runRemoval(broker: Broker, work: TakenWork, grant: Grant): Promise<void> {
  if (grant.state !== 'revoking') return broker.store.finishWork(work);
  try {
    const connector = requireConnector(broker, grant.target);
    const planned = connector.plan(grant.id);
    // Whoever keeps nothing finds nothing, and would call gone what another kind of connector has made.
    if (connector.keepsNothing && grant.handle !== null && grant.handle !== planned)
      throw fail('target_failed', {
        target: grant.target,
        why: 'it was of another kind when this was granted',
      });
    const removal = await connector.remove(grant.handle ?? planned, {
      scopes: grant.scopes,
      deadlineAt: broker.clock.now() + TARGET_DEADLINE_MS,
    });
    await recordRemoval(broker, grant, removal.sessionsEnded);
  } catch (error) {
    const why = hasCode(error, 'target_failed') ? error.message : 'the connector failed';
    await recordFailure(broker, work, { grant, why });
    if (!hasCode(error, 'target_failed')) throw error;
  }
}

/** Gone, or gone as soon as what was given out runs out by itself. */
async function recordRemoval(broker: Broker, grant: Grant, sessionsEnded: number): Promise<void> {
  const until = findLingering(broker, grant, broker.clock.now());
  if (until === null) return recordEnd(broker, grant, sessionsEnded);
  await recordLingering(broker, grant, until);
}

async function recordLingering(broker: Broker, grant: Grant, until: Instant): Promise<void> {
  const after: Grant = {
    ...grant,
    version: grant.version + 1,
    revocation: { ...grant.revocation, lastError: null, lingersUntil: until },
  };
  await broker.store.commit({
    grant: { before: grant, after },
    event: buildEvent(broker, {
      kind: 'grant.lingers',
      actor: SYSTEM,
      requestId: grant.requestId,
      grantId: grant.id,
      detail: { until },
    }),
    work: [{ queue: buildRemoval(after, until) }],
  });
}

async function recordEnd(broker: Broker, grant: Grant, sessionsEnded: number): Promise<void> {
  const now = broker.clock.now();
  const { lingersUntil: _over, told: _said, ...revocation } = grant.revocation;
  const total = revocation.sessionsEnded + sessionsEnded;
  const telling = await tellEnd(broker, grant);
  const outcome = await broker.store.commit({
    grant: {
      before: grant,
      after: {
        ...grant,
        state: 'ended',
        version: grant.version + 1,
        endedAt: now,
        revocation: {
          ...revocation,
          target: 'gone',
          confirmed: true,
          lastError: null,
          sessionsEnded: total,
        },
      },
    },
    event: buildEvent(broker, {
      kind: 'grant.ended',
      actor: SYSTEM,
      requestId: grant.requestId,
      grantId: grant.id,
      detail: { because: grant.endedBecause, sessions_ended: total },
    }),
    notices: telling.notices,
    work: [
      { finish: buildWorkId('remove', grant.id) },
      ...(revocation.attempts > 0 ? [{ finish: buildWorkId('alarm', grant.id) }] : []),
      ...telling.work,
    ],
  });
  if (telling.work.length > 0) broker.wake();
  if (outcome === 'committed') return;
  const current = await broker.store.readGrant(grant.id);
  if (current?.state === 'revoking') await recordEnd(broker, current, sessionsEnded);
}

/** Whoever was called about it hears that it is gone; where nobody was, the card shows it. */
async function tellEnd(broker: Broker, grant: Grant): Promise<Telling> {
  const confirmed = tellConfirmed(broker, grant);
  return confirmed.notices.length > 0 ? confirmed : refreshCards(broker, grant.requestId);
}
