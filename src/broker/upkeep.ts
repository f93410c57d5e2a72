import { buildEvent, SYSTEM } from './events.ts';
import type { Broker } from './parts.ts';

const UPKEEP_DEADLINE_MS = 10_000;

/**
 * Has every target replace what is due of its own lasting passwords, and puts each on record. Returns what failed: the
 * next time tries again, and no target waits for another.
 */
export async function keepTargetsUp(broker: Broker): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled([...broker.connectors.keys()].map((name) => keepUp(broker, name)));
  return settled.flatMap((result) =>
    result.status === 'fulfilled' ? result.value : [result.reason as unknown],
  );
}

async function keepUp(broker: Broker, target: string): Promise<readonly unknown[]> {
  const deadlineAt = broker.clock.now() + UPKEEP_DEADLINE_MS;
  const done = await broker.connectors.get(target)?.upkeep?.(deadlineAt);
  for (const account of done?.rotated ?? []) {
    const event = buildEvent(broker, {
      kind: 'credential.rotated',
      actor: SYSTEM,
      detail: { target, account },
    });
    await broker.store.commit({ event });
  }
  return done?.failures ?? [];
}
