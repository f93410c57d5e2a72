import { LONGEST_WAIT_SECONDS } from '../../core/limits.ts';

/** Beyond the wait that was asked for: a server that is slow, not one that is gone. */
export const MARGIN_MS = 10_000;
/** How long an answer to a long poll may take. */
export const LONG_POLL_MS = LONGEST_WAIT_SECONDS * 1000 + MARGIN_MS;
/** An inbox, or a list of grants in an emergency: some thousands of them, about 2 KiB each. */
export const LONGEST_LIST_BYTES = 16 * 1024 * 1024;
