import { TARGET_DEADLINE_MS } from '../../core/limits.ts';
import type { UpkeepOrder } from '../../core/ports/connector.ts';
import { SYSTEM } from '../events.ts';
import type { Broker } from '../parts.ts';
import { doOnce, listBegun } from './once.ts';

/**
 * Has every target replace what is due of its own lasting passwords, each on record. Returns what failed: the next time
 * tries again, and no target waits for another.
 */
export async function keepTargetsUp(broker: Broker): Promise<readonly unknown[]> {
  const turns = [...broker.connectors].map(async ([target, connector]) =>
    connector.upkeep ? (await connector.upkeep(await orderUpkeep(broker, target))).failures : [],
  );
  const settled = await Promise.allSettled(turns);
  return settled.flatMap((result) =>
    result.status === 'fulfilled' ? result.value : [result.reason as unknown],
  );
}

/** What a target is told when it is its turn. */
export async function orderUpkeep(
  parts: Pick<Broker, 'store' | 'clock' | 'ids'>,
  target: string,
): Promise<UpkeepOrder> {
  const prefix = `rotation at ${target}: `;
  return {
    deadlineAt: parts.clock.now() + TARGET_DEADLINE_MS,
    begun: await listBegun(parts, prefix),
    record: ({ account, isDue, replace }) =>
      doOnce(parts, {
        note: `${prefix}${account}`,
        isDue,
        run: async () =>
          (await replace())
            ? { kind: 'credential.rotated', actor: SYSTEM, detail: { target, account } }
            : undefined,
      }),
  };
}
