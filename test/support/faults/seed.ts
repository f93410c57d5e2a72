/** What a round of the fault tests is drawn from: with the same one it runs as it did. */
export const FAULT_SEED = Number(process.env.JIT_FAULT_SEED ?? 1);

/** Everything there is, also what every run of the tests has no time for. */
export const isWholeRound = process.env.JIT_FAULT_ROUND === 'whole';
