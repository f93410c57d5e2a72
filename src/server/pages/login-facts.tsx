import type { Child, PropsWithChildren } from 'hono/jsx';
import { formatDuration } from '../../core/duration-text.ts';
import { removeHidden } from '../../core/text.ts';
import { formatClock, type Instant, SECOND_MS } from '../../core/time.ts';
import type { SessionLimits } from '../oauth/provider/token-hooks.ts';

/** A login that waits for somebody's yes. Program, host and purpose are the client's own words (DEV-12). */
export type WaitingLogin = {
  readonly program: string;
  readonly host: string | null;
  readonly purpose: string | null;
  /** As this server saw it. */
  readonly address: string;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
};

export type LoginFactsProps = {
  readonly waiting: WaitingLogin;
  /** What ends at `expiresAt`. */
  readonly what: string;
  readonly limits: SessionLimits;
  readonly now: Instant;
  readonly timeZone: string;
};

/** What a person must know to say whether that is them: who claims what, from where, when, what for. */
export function LoginFacts({ waiting, what, limits, now, timeZone }: LoginFactsProps) {
  const clock = (at: Instant) => formatClock(at, { now, timeZone });
  const ago = formatDuration((now - waiting.startedAt) / SECOND_MS);
  return (
    <dl>
      <Fact name="Program" note="self-reported">
        <Claim text={waiting.program} />
      </Fact>
      <Fact name="Computer" note="self-reported">
        <Claim text={waiting.host} />
      </Fact>
      <Fact name="Address" note="as this server saw it">
        <span class="value">{removeHidden(waiting.address)}</span>
      </Fact>
      <Fact name="Started" note={`${timeZone}; ${what} expires at ${clock(waiting.expiresAt)}`}>
        {`${clock(waiting.startedAt)}, ${ago} ago`}
      </Fact>
      <Fact
        name="For"
        note={`${formatDuration(limits.sessionSeconds)} at most, or ${formatDuration(limits.idleSeconds)} without use`}
      >
        {waiting.purpose ? removeHidden(waiting.purpose) : 'using jit in your name'}
      </Fact>
    </dl>
  );
}

function Fact({
  name,
  note,
  children,
}: PropsWithChildren<{ readonly name: string; readonly note: string }>): Child {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        {children}
        <span class="soft">{note}</span>
      </dd>
    </div>
  );
}

function Claim({ text }: { readonly text: string | null }) {
  return text ? <span class="value">{removeHidden(text)}</span> : <span>not said</span>;
}
