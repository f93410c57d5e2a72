import type { Asker, Broker } from '../../broker/parts.ts';
import { createAlarm } from './alarm.ts';
import type { Feed } from './feed.ts';
import { createSight } from './sight.ts';

export type WaitForChange = {
  readonly asker: Asker;
  /** A position that an earlier answer told. */
  readonly after: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/**
 * Resolves once a request changed that the asker may see, after that position; at the latest after the time. Also when
 * what was before it cannot be told any more: then everything is to be looked at again anyhow.
 */
export async function waitForChange(
  { broker, feed }: { readonly broker: Broker; readonly feed: Feed },
  { asker, after, timeoutMs, signal }: WaitForChange,
): Promise<void> {
  const { clock } = broker;
  const alarm = createAlarm(clock);
  const stopListening = feed.listen(alarm.ring);
  signal.addEventListener('abort', alarm.ring, { once: true });
  const endMs = clock.monotonicMs() + timeoutMs;
  const isSeen = createSight(broker, asker);
  let position = after;
  try {
    while (!signal.aborted && !feed.closing.aborted && clock.monotonicMs() < endMs) {
      const entries = await feed.readAfter(position);
      if (!entries) return;
      for (const entry of entries) if (await isSeen(entry)) return;
      position = entries.at(-1)?.change.position ?? position;
      if (entries.length === 0) await alarm.sleep(endMs - clock.monotonicMs());
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', alarm.ring);
  }
}
