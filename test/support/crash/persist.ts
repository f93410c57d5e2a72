const MOST_TRIES = 4;

/** A server that does not come up, for want of a machine with time for it, is started again: as its supervisor does. */
export async function persist<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; tries < MOST_TRIES; tries += 1) {
    try {
      return await start();
    } catch {
      // The last try tells.
    }
  }
  return await start();
}
