/** How many scopes one message may name. */
export const MOST_SCOPES = 16;
/** Coarser than what may be asked (`ask.ts`), whose refusals are for people: a long reason is no broken message. */
export const LONGEST_TEXT_BYTES = 8192;
/** A person's name or subject, where a message names one. */
export const LONGEST_NAME_CHARACTERS = 256;
