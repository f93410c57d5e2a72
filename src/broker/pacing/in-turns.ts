/** So many questions to policy are a few hundredths of a second. */
const AT_ONE_TIME = 50;

/** Those for which it is true, in their order; between every few of them everybody else has their turn. */
export async function filterInTurns<T>(
  all: readonly T[],
  isIncluded: (one: T) => boolean,
): Promise<readonly T[]> {
  const included: T[] = [];
  for (const [index, one] of all.entries()) {
    if (index > 0 && index % AT_ONE_TIME === 0) await new Promise((resolve) => setImmediate(resolve));
    if (isIncluded(one)) included.push(one);
  }
  return included;
}
