/** A command that was interrupted, as a shell says it of SIGINT. */
export const INTERRUPTED = 130;
/**
 * `jit exec` where its command never ran: a wrapper's own code, so that it cannot be taken for the command's. The code of the
 * failure itself is in the error document.
 */
export const NOT_RUN = 125;
