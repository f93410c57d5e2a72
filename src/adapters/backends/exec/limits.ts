/** One message, without its end of line. */
export const LONGEST_MESSAGE_BYTES = 1024 * 1024;
/** All that is written to stdout between a question and its answer. */
export const MOST_BYTES = 4 * LONGEST_MESSAGE_BYTES;
/** All that is written to stderr in one life: beyond, the plugin is ended. */
export const MOST_ERROR_BYTES = 4 * LONGEST_MESSAGE_BYTES;
/** What of it is shown. */
export const MOST_ERROR_LINES = 20;
export const LONGEST_ERROR_LINE = 300;
/** From the end of stdin to SIGTERM, and from there to SIGKILL. */
export const GRACE_MS = 500;
