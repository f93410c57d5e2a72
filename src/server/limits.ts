import { SECOND_MS } from '../core/time.ts';

/** Every limit that protects the server, with its unit. */
export const BODY_LIMIT_BYTES = 65_536;
/** How deep a JSON body may be nested, and how many names it may have in all: jit's own have two levels and ten. */
export const DEEPEST_JSON = 16;
export const MOST_JSON_KEYS = 256;
export const HEADER_LIMIT_BYTES = 16_384;
/** From the connection to the last byte of the headers. */
export const HEADERS_TIMEOUT_MS = 10 * SECOND_MS;
/** From the connection to the last byte of the request. */
export const REQUEST_TIMEOUT_MS = 15 * SECOND_MS;
export const KEEP_ALIVE_TIMEOUT_MS = 60 * SECOND_MS;
export const MOST_CONNECTIONS = 20_000;
/** How long a stopping server lets requests end. */
export const DRAIN_MS = 8 * SECOND_MS;
export const LONGEST_HISTORY = 200;
export const IDEMPOTENCY_KEY_CHARACTERS = 128;
