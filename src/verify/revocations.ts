import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';
import { createEventReader, type ServerEvent } from './event-reader.ts';
import type { ServerCalls } from './server-calls.ts';

const PATH = '/oauth/revocations';
/** The server gives a sign of life every five seconds: after two that did not come nothing is believed. */
const SILENCE_MS = 12 * SECOND_MS;
const RECONNECT_MS = SECOND_MS;
const MOST_REVOKED = 100_000;

/** What the server tells of tokens that died. */
export type Revocations = {
  readonly isRevoked: (tokenId: string) => boolean;
  /** Would a revocation after that moment have been heard of? Then silence says that there was none. */
  readonly hasHeardSince: (atMs: number) => boolean;
  /** Until when one after that moment would have been heard of, though the stream is broken by now; null: never. */
  readonly heardUntilMs: (atMs: number) => number | null;
  /** An answer from then or before must not be believed: what died since may be forgotten here, or was never heard. */
  readonly forgottenMs: () => number;
  readonly close: () => void;
};

export type RevocationsOptions = {
  readonly calls: Pick<ServerCalls, 'open'>;
  readonly clock: Clock;
  /** What died longer ago is forgotten. */
  readonly rememberMs: number;
  readonly onError: (error: unknown) => void;
};

/** Follows the server's stream for as long as it is open, and goes on where it was when it breaks. */
export function followRevocations(options: RevocationsOptions): Revocations {
  const { clock } = options;
  const closing = new AbortController();
  const state = createState();
  void keepListening(options, state, closing.signal);
  return {
    isRevoked: (tokenId) => state.revoked.has(tokenId),
    hasHeardSince: (atMs) => isCovered(state, atMs) && isAlive(state, clock),
    heardUntilMs: (atMs) => (isCovered(state, atMs) ? state.coveredUntilMs : null),
    forgottenMs: () => state.forgottenMs,
    close: () => closing.abort(),
  };
}

type State = {
  /** When each was heard of, oldest first. */
  readonly revoked: Map<string, number>;
  lastId: string | null;
  /** Everything between these has been heard; the second is when the last sign of life came. */
  coveredFromMs: number | null;
  coveredUntilMs: number;
  forgottenMs: number;
  isOpen: boolean;
};

function createState(): State {
  const never = Number.NEGATIVE_INFINITY;
  const heard = { coveredFromMs: null, coveredUntilMs: never, forgottenMs: never };
  return { ...heard, revoked: new Map(), lastId: null, isOpen: false };
}

function isCovered({ coveredFromMs }: State, atMs: number): boolean {
  return coveredFromMs !== null && coveredFromMs <= atMs;
}

function isAlive({ isOpen, coveredUntilMs }: State, clock: Clock): boolean {
  return isOpen && clock.monotonicMs() - coveredUntilMs < SILENCE_MS;
}

async function keepListening(options: RevocationsOptions, state: State, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await listen(options, state, signal).catch((error: unknown) => {
      if (!signal.aborted) options.onError(error);
    });
    state.isOpen = false;
    await options.clock.sleep(RECONNECT_MS, signal);
  }
}

async function listen(options: RevocationsOptions, state: State, closing: AbortSignal): Promise<void> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([closing, leaving.signal]);
  const headers = { accept: 'text/event-stream', ...(state.lastId ? { 'last-event-id': state.lastId } : {}) };
  try {
    const opened = await orSilence(options.clock, options.calls.open(PATH, { headers, signal }));
    const reader = opened?.body?.getReader();
    const read = createEventReader();
    while (reader) {
      const chunk = await orSilence(options.clock, reader.read());
      if (!chunk || chunk.done) return;
      for (const event of read(chunk.value)) take(options, state, event);
    }
  } finally {
    leaving.abort();
  }
}

/** Undefined where nothing came for too long. */
async function orSilence<T>(clock: Clock, coming: Promise<T>): Promise<T | undefined> {
  const nap = new AbortController();
  const silence = clock.sleep(SILENCE_MS, nap.signal).then(() => undefined);
  try {
    return await Promise.race([coming, silence]);
  } finally {
    nap.abort();
  }
}

function take(
  { clock, rememberMs }: RevocationsOptions,
  state: State,
  { id, event, data }: ServerEvent,
): void {
  const now = clock.monotonicMs();
  if (event === 'revoked') remember(state, readTokenId(data), { now, rememberMs });
  if (id === undefined) return;
  state.lastId = id;
  // After a break it may be the first of many that were missed: only what follows them says that there are no more.
  if (event === 'revoked') return;
  if (event === 'reset') {
    state.coveredFromMs = now;
    state.forgottenMs = now;
  }
  state.coveredFromMs ??= now;
  state.coveredUntilMs = now;
  state.isOpen = true;
}

function readTokenId(data: string): string | undefined {
  const { jti } = JSON.parse(data) as { readonly jti?: unknown };
  return typeof jti === 'string' ? jti : undefined;
}

function remember(
  state: State,
  tokenId: string | undefined,
  { now, rememberMs }: { readonly now: number; readonly rememberMs: number },
): void {
  if (tokenId === undefined) throw new TypeError('the server tells of a revocation, and not of what');
  for (const [old, atMs] of state.revoked) {
    if (now - atMs < rememberMs && state.revoked.size < MOST_REVOKED) break;
    state.revoked.delete(old);
    state.forgottenMs = Math.max(state.forgottenMs, atMs);
  }
  state.revoked.set(tokenId, now);
}
