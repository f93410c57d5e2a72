const POLL_MS = 20;

/** Asks again and again until there is an answer; throws when there is none in time. For what happens in real processes. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  patienceMs = 5_000,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() - startedAt > patienceMs) throw new Error(`after ${patienceMs} ms: not ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
