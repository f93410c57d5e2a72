import type { Clock } from '../../core/ports/clock.ts';
import type { HttpAnswer } from '../../core/ports/http.ts';
import { type Instant, parseInstant, SECOND_MS } from '../../core/time.ts';
import { SERVER_TIME_HEADER } from '../../core/wire/routes.ts';

/** Less is the time that an answer was under way. */
const NOTICEABLE_MS = 5 * SECOND_MS;

/** This machine's clock, corrected by what the server's answers say: proofs must be dated by the server's. */
export interface ServerClock {
  observe(answer: HttpAnswer): void;
  now(): Instant;
  offsetMs(): number;
}

export function createServerClock(
  clock: Clock,
  onServerTime: ((at: Instant) => void) | undefined,
): ServerClock {
  let offsetMs = 0;
  return {
    observe: (answer) => {
      const at = readServerTime(answer.headers[SERVER_TIME_HEADER] ?? '');
      if (at === undefined) return;
      // First, because the callback may set right the very clock that is compared here.
      onServerTime?.(at);
      const difference = at - clock.now();
      offsetMs = Math.abs(difference) < NOTICEABLE_MS ? 0 : difference;
    },
    now: () => clock.now() + offsetMs,
    offsetMs: () => offsetMs,
  };
}

/** RFC 3339, or milliseconds since the epoch. */
function readServerTime(text: string): Instant | undefined {
  return /^\d{12,14}$/.test(text) ? Number(text) : parseInstant(text);
}
