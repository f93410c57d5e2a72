/** How long things of the authorization server live, in seconds. */
export const ACCESS_TOKEN_SECONDS = 600;
export const AUTHORIZATION_CODE_SECONDS = 60;
/** RFC 8628 leaves it open; DEV-12 wants ten minutes at most. */
export const DEVICE_CODE_SECONDS = 600;
/** A device code is kept past its end, so that a late poll hears `expired_token` and not `invalid_grant`. */
export const DEVICE_CODE_KEPT_SECONDS = 600;
export const INTERACTION_SECONDS = 600;

/** How often a client may poll (RFC 8628 §3.2). */
export const POLL_INTERVAL_SECONDS = 5;
/** A poll may come this share of the interval early: networks and timers are not exact. */
export const POLL_TOLERANCE = 0.2;

/** How many device logins may be begun: an office behind one address on a Monday morning, and no more. */
export const DEVICE_LOGIN_RATE = { perAddress: 60, inAll: 600, windowSeconds: 60 } as const;

/** What a client may say of itself, in characters. */
export const LONGEST_CLAIM = 200;
