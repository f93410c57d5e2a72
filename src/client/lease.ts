import type { HeldGrant } from '../core/ports/local-state.ts';
import type { Child } from '../core/ports/processes.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';
import { listHeld } from './held.ts';
import type { ClientParts } from './parts.ts';

/** The child is warned of this long before its end, where it had longer than that. */
const WARNINGS_MS = [5 * 60 * SECOND_MS, 60 * SECOND_MS, 10 * SECOND_MS];
/** Between asking the child to end and making it. */
const GRACE_MS = 5 * SECOND_MS;
const ASKING_MS = 2 * SECOND_MS;
/** Timers stand still while a machine is suspended: the clock is looked at this often (S10). */
const NAP_MS = 10 * SECOND_MS;

export type Lease = {
  readonly onWarning: (endsAt: Instant) => void;
  readonly onEnd: () => void;
};

type Supervised = Lease & { readonly held: HeldGrant; readonly child: Child };

/** Warns before the end, then ends the child: SIGTERM, then SIGKILL. Returns how to stop when the child ended by itself. */
export function superviseLease(parts: ClientParts, supervised: Supervised): () => void {
  const stopping = new AbortController();
  run(parts, supervised, stopping.signal).catch(() => {
    // Without its clock nobody can say how long the child may go on.
    if (stopping.signal.aborted) return;
    supervised.onEnd();
    supervised.child.signal('SIGTERM');
  });
  return () => stopping.abort();
}

async function run(parts: ClientParts, supervised: Supervised, signal: AbortSignal): Promise<void> {
  let endsAt = supervised.held.view.expiresAt;
  while (!signal.aborted) {
    endsAt = await warnUntil(parts, { supervised, endsAt, signal });
    if (signal.aborted) return;
    const extendedTo = await readEnd(parts, supervised.held);
    if (extendedTo <= parts.clock.now()) break;
    endsAt = extendedTo;
  }
  if (signal.aborted) return;
  supervised.onEnd();
  supervised.child.signal('SIGTERM');
  await sleepUntil(parts, parts.clock.now() + GRACE_MS, signal);
  if (!signal.aborted) supervised.child.signal('SIGKILL');
}

type Span = { readonly supervised: Supervised; readonly endsAt: Instant; readonly signal: AbortSignal };

/** Sleeps to the end, warning on the way; an end that was moved meanwhile is seen at each warning. */
async function warnUntil(parts: ClientParts, { supervised, endsAt, signal }: Span): Promise<Instant> {
  for (const beforeMs of WARNINGS_MS) {
    if (endsAt - parts.clock.now() <= beforeMs) continue;
    await sleepUntil(parts, endsAt - beforeMs, signal);
    if (signal.aborted) return endsAt;
    const current = await readEnd(parts, supervised.held);
    if (current > endsAt) return warnUntil(parts, { supervised, endsAt: current, signal });
    if (parts.clock.now() < endsAt) supervised.onWarning(endsAt);
  }
  await sleepUntil(parts, endsAt, signal);
  return endsAt;
}

/** The grant's end as it is now: the latest of what was known, what another terminal noted here, what the server says. */
async function readEnd(parts: ClientParts, held: HeldGrant): Promise<Instant> {
  const grants = await listHeld(parts).catch(() => []);
  const noted = grants.find(({ view }) => view.id === held.view.id)?.view.expiresAt ?? 0;
  const known = Math.max(noted, held.view.expiresAt);
  const over = new AbortController();
  const asking = parts.backend.readGrant(held.view.id).then(
    (grant) => (grant.state === 'active' ? Math.max(known, grant.expiresAt) : known),
    () => known,
  );
  const waiting = parts.clock.sleep(ASKING_MS, over.signal).then(() => known);
  return Promise.race([asking, waiting]).finally(() => over.abort());
}

async function sleepUntil(parts: ClientParts, at: Instant, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && parts.clock.now() < at) {
    await parts.clock.sleep(Math.min(NAP_MS, at - parts.clock.now()), signal);
  }
}
