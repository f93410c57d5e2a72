import { createSystemClock } from '../adapters/clock.ts';
import { isLoopbackHost } from '../core/config/address.ts';
import { fail } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import { isScope } from '../core/scope.ts';
import { Secret } from '../core/secret.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';

/** What a service says of itself and of its jit server. */
export type VerifierOptions = {
  /** The jit server's address, letter by letter as it stands in its configuration. */
  readonly issuer: string;
  /** This service, as its target's `audience` names it. */
  readonly audience: string;
  /**
   * Where callers reach this service, with the path that a proxy in front takes away: proofs are made for it (RFC 9449
   * §4.3). The origin of `audience` where it is not said.
   */
  readonly url?: string;
  /** Name and secret under `resource_servers`. Without them a token is good until its end, revoked or not. */
  readonly introspection?: { readonly id: string; readonly secret: string };
  /** Hears of revocations from the server as they happen, instead of asking again and again. Needs `introspection`. */
  readonly events?: boolean;
  /** Bearer tokens are refused: what the target says with `dpop: true`. */
  readonly dpop?: boolean;
  /** An answer of the server about a token is believed for this long; 5 where it is not said, 0 asks each time. */
  readonly cacheSeconds?: number;
  /** A server that was not reached for this long is not believed any more: nothing is let through. 60. */
  readonly failClosedAfterSeconds?: number;
  /**
   * Notes the id of a proof until it is over; false where it was there already. In this process's memory where it is not
   * given: a service of several replicas needs a store that they share.
   */
  readonly claimProof?: (id: string, until: Instant) => Promise<boolean>;
  /** Told why the server was not understood or not reached. Never of a bad token. */
  readonly onError?: (error: unknown) => void;
  /** Another time, for tests. */
  readonly clock?: Clock;
};

export type Settings = {
  readonly issuer: string;
  readonly audience: string;
  readonly url: string;
  readonly asker: { readonly id: string; readonly secret: Secret } | null;
  readonly hasEvents: boolean;
  readonly isProofRequired: boolean;
  readonly cacheMs: number;
  readonly failClosedMs: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** What a request needs in order to be let through. */
export type Wanted = {
  /** The scope that the request needs; none: any token for this service will do. */
  readonly scope?: string;
};

const OPTIONS: Readonly<Record<keyof VerifierOptions, true>> = {
  issuer: true,
  audience: true,
  url: true,
  introspection: true,
  events: true,
  dpop: true,
  cacheSeconds: true,
  failClosedAfterSeconds: true,
  claimProof: true,
  onError: true,
  clock: true,
};

/** `config_invalid` for what cannot work, before the first request comes. */
export function readOptions(options: VerifierOptions): Settings {
  const { introspection, cacheSeconds = 5, failClosedAfterSeconds = 60 } = options;
  refuseUnknown(options, OPTIONS);
  if (options.events && !introspection) throw refuse('events', 'needs introspection: a name and a secret');
  if (introspection && !introspection.id) throw refuse('introspection.id', 'is missing');
  if (introspection && !introspection.secret) throw refuse('introspection.secret', 'is missing');
  if (!(cacheSeconds >= 0)) throw refuse('cacheSeconds', 'must be 0 or more');
  if (!(failClosedAfterSeconds >= 1 && Number.isFinite(failClosedAfterSeconds)))
    throw refuse('failClosedAfterSeconds', 'must be 1 or more, and end');
  if (cacheSeconds > failClosedAfterSeconds)
    throw refuse('cacheSeconds', 'is longer than failClosedAfterSeconds');
  if (!options.audience) throw refuse('audience', 'is missing');
  return {
    issuer: requireOrigin(options.issuer),
    audience: options.audience,
    url: requireUrl(options.url ?? URL.parse(options.audience)?.origin),
    asker: introspection ? { id: introspection.id, secret: new Secret(introspection.secret) } : null,
    hasEvents: options.events ?? false,
    isProofRequired: options.dpop ?? false,
    cacheMs: cacheSeconds * SECOND_MS,
    failClosedMs: failClosedAfterSeconds * SECOND_MS,
    clock: options.clock ?? createSystemClock(),
    onError: (error) => tell(options.onError, error),
  };
}

/** `config_invalid` for a scope that no token has: left out by a slip, it would let every token through. */
export function readWanted(wanted: Wanted): string | undefined {
  refuseUnknown(wanted, { scope: true });
  if (!('scope' in wanted)) return undefined;
  const { scope } = wanted;
  if (typeof scope === 'string' && isScope(scope)) return scope;
  throw refuse('scope', 'must be a scope like prod:api.read, or left out where any token will do');
}

/** A log that fails must not end the service, which a server that is away would then do. */
function tell(onError: VerifierOptions['onError'], error: unknown): void {
  try {
    onError?.(error);
  } catch {
    // There is nobody left to tell.
  }
}

/** A name that is spelt wrongly would do nothing, in silence. */
function refuseUnknown(given: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw refuse(unknown, 'is no option here');
}

function requireOrigin(text: string): string {
  const url = URL.parse(text);
  if (url?.origin !== text)
    throw refuse('issuer', 'must be an address without a path, like https://jit.example.com');
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    throw refuse('issuer', 'must be https; plain http is for loopback only');
  return text;
}

function requireUrl(text: string | undefined): string {
  const url = URL.parse(text ?? '');
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return url.href.replace(/\/$/, '');
  throw refuse('url', 'must be where callers reach this service, like https://orders.example.com');
}

function refuse(at: string, why: string): Error {
  return fail('config_invalid', { at, why });
}
