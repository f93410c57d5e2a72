/** What one answer may be. */
export const MOST_ANSWER_BYTES = 1024 * 1024;
/** What of stderr is kept, to look for its last line. */
export const MOST_ERROR_CHARACTERS = 16_384;
/** What of that line is shown. */
export const LONGEST_ERROR_CHARACTERS = 300;
/** A program that is to be pinned is read whole. */
export const MOST_PROGRAM_BYTES = 64 * 1024 * 1024;
