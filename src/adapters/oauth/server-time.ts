import type { Clock } from '../../core/ports/clock.ts';
import type { HttpAnswer } from '../../core/ports/http.ts';
import { SECOND_MS } from '../../core/time.ts';

/** The header has whole seconds and the answer was under way: less than this is no difference. */
const NOTICEABLE_MS = 5 * SECOND_MS;

/** How far the server's clock is ahead of this machine's, as its `Date` headers say; 0 until one was seen. */
export interface ServerTime {
  observe(answer: HttpAnswer): void;
  offsetMs(): number;
}

export function createServerTime(clock: Clock): ServerTime {
  let offsetMs = 0;
  return {
    observe: (answer) => {
      const difference = Date.parse(answer.headers.date ?? '') - clock.now();
      if (Number.isNaN(difference)) return;
      offsetMs = Math.abs(difference) < NOTICEABLE_MS ? 0 : difference;
    },
    offsetMs: () => offsetMs,
  };
}
