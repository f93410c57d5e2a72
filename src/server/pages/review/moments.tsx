import { formatDuration } from '../../../core/duration-text.ts';
import { DAY_SECONDS, formatClock, formatInstant, type Instant, SECOND_MS } from '../../../core/time.ts';

/** The clock that a page is written by. */
export type PageClock = { readonly now: Instant; readonly timeZone: string };

const JUST_NOW_MS = 10 * SECOND_MS;

type MomentProps = { readonly at: Instant; readonly clock: PageClock };

/** `14:32`, in the server's zone, which the foot of the page names. */
export function Clock({ at, clock }: MomentProps) {
  return <time datetime={formatInstant(at)}>{formatClock(at, clock)}</time>;
}

/** `in 42 min`, `5 min ago`. The script keeps it true while the page is open. */
export function Distance({ at, clock }: MomentProps) {
  return (
    <time datetime={formatInstant(at)} data-moment={String(at)} title={formatClock(at, clock)}>
      {formatDistance(at, clock.now)}
    </time>
  );
}

/** The same words as `tellDistance` in the script has. */
export function formatDistance(at: Instant, now: Instant): string {
  if (at <= now && now - at < JUST_NOW_MS) return 'just now';
  const text = formatCoarse(Math.abs(at - now) / SECOND_MS);
  return at > now ? `in ${text}` : `${text} ago`;
}

function formatCoarse(seconds: number): string {
  if (seconds >= DAY_SECONDS) return `${Math.floor(seconds / DAY_SECONDS)} d`;
  return formatDuration(seconds < 60 ? Math.floor(seconds) : Math.floor(seconds / 60) * 60);
}
