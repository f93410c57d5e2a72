import type * as v from 'valibot';
import { fail, hasCode } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Http, HttpAnswer, HttpCall } from '../../core/ports/http.ts';
import type { SessionSource, StoredSession } from '../../core/ports/session.ts';
import type { Instant } from '../../core/time.ts';
import { decodeAnswer, decodeRefusal, findAbsence } from './answer.ts';
import { signProof } from './dpop-proof.ts';
import { retryUnreachable } from './retry.ts';
import { createServerClock } from './server-clock.ts';

const PATIENCE_MS = 10_000;
/** A clock that was learned to be off by more than this since a proof was dated explains why it was refused. */
const SKEW_MS = 1_000;

export type CallerOptions = {
  readonly server: string;
  readonly http: Http;
  readonly session: SessionSource;
  readonly clock: Clock;
  /** Called with the server's own time at every answer that says it. */
  readonly onServerTime?: ((at: Instant) => void) | undefined;
  /** How long to go on trying while nobody answers; 10 s where nothing is said. */
  readonly patienceMs?: number | undefined;
};

/** One call of `/v1`. Every one of them may be sent twice: reads, and writes that the server recognises again. */
export type ServerCall<T> = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly schema: v.GenericSchema<unknown, T>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** For answers that are lists without a small end. */
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal | undefined;
};

export type Caller = <T>(call: ServerCall<T>) => Promise<T>;

/**
 * Calls with the session's token and a proof of its key (RFC 9449 §7). What a refusal can be cured by is tried once each:
 * the nonce it asks for, the time it tells, a new token.
 */
export function createCaller(options: CallerOptions): Caller {
  const { server: address, clock } = options;
  const serverClock = createServerClock(clock, options.onServerTime);
  let nonce: string | undefined;

  const send = async (call: ServerCall<unknown>, session: StoredSession): Promise<HttpAnswer> => {
    const url = new URL(call.path, address);
    const proof = signProof(session, { method: call.method, url, at: serverClock.now(), nonce });
    const answer = await options.http.send(buildHttpCall(call, { url, session, proof }));
    serverClock.observe(answer);
    nonce = answer.headers['dpop-nonce'] ?? nonce;
    return answer;
  };

  const sendCured = async (call: ServerCall<unknown>): Promise<HttpAnswer> => {
    const session = await options.session.read();
    const before = { nonce, offsetMs: serverClock.offsetMs() };
    let answer = await send(call, session);
    const wantsNonce = isNonceWanted(answer) && nonce !== before.nonce;
    const wasMisdated = Math.abs(serverClock.offsetMs() - before.offsetMs) > SKEW_MS;
    if (answer.status === 401 && (wantsNonce || wasMisdated)) answer = await send(call, session);
    if (answer.status !== 401 || isNonceWanted(answer)) return answer;
    if (!hasCode(decodeRefusal(answer, address), 'session_expired', 'login_needed')) return answer;
    return send(call, await options.session.renew(session));
  };

  const attempt = async (call: ServerCall<unknown>): Promise<HttpAnswer> => {
    const answer = await sendCured(call);
    const why = findAbsence(answer, address);
    if (why !== undefined) throw fail('unreachable', { address, why });
    return answer;
  };

  return async (call) => {
    const retrying = { clock, patienceMs: options.patienceMs ?? PATIENCE_MS, signal: call.signal };
    const answer = await retryUnreachable(() => attempt(call), retrying);
    return decodeAnswer(answer, { schema: call.schema, address });
  };
}

function buildHttpCall(
  call: ServerCall<unknown>,
  parts: { readonly url: URL; readonly session: StoredSession; readonly proof: string },
): HttpCall {
  const { url, session, proof } = parts;
  const body = call.method === 'POST' ? JSON.stringify(call.body ?? {}) : undefined;
  return {
    method: call.method,
    url: url.href,
    headers: {
      ...call.headers,
      accept: 'application/json',
      authorization: `DPoP ${session.accessToken.reveal()}`,
      dpop: proof,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
    timeoutMs: call.timeoutMs,
    maxBodyBytes: call.maxBodyBytes,
    signal: call.signal,
  };
}

function isNonceWanted(answer: HttpAnswer): boolean {
  return answer.status === 401 && /use_dpop_nonce/.test(answer.headers['www-authenticate'] ?? '');
}
