const POLL_MS = 20;
/** For what has no time of its own to keep: a machine with much else to do is no fault. */
const PATIENCE_MS = 20_000;

/** Asks again and again until there is an answer; throws when there is none in time. For what happens in real processes. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() - startedAt > patienceMs) throw new Error(`after ${patienceMs} ms: not ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
