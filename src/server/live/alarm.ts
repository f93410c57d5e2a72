import type { Clock } from '../../core/ports/clock.ts';

/** Sleep that can be cut short. Rung while nobody sleeps, it cuts the next sleep short. */
export type Alarm = { readonly ring: () => void; readonly sleep: (ms: number) => Promise<void> };

export function createAlarm(clock: Pick<Clock, 'sleep'>): Alarm {
  let nap = new AbortController();
  return {
    ring: () => nap.abort(),
    sleep: async (ms) => {
      await clock.sleep(ms, nap.signal);
      nap = new AbortController();
    },
  };
}
