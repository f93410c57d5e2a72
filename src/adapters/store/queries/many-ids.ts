/** A statement is prepared once for each of these numbers of ids, and no database minds so many. */
const SIZES: readonly number[] = [1, 16, 256];
const LARGEST = 256;

/** Reads the rows of any number of ids, a bounded number at a time. */
export async function readByIds<Row>(
  ids: readonly string[],
  read: (some: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < ids.length; from += LARGEST) {
    rows.push(...(await read(fill(ids.slice(from, from + LARGEST)))));
  }
  return rows;
}

/** The last one again and again, which finds nothing more, up to the next of the sizes. */
function fill(ids: readonly string[]): readonly string[] {
  const size = SIZES.find((each) => each >= ids.length) ?? LARGEST;
  return [...ids, ...Array.from({ length: size - ids.length }, () => ids.at(-1) ?? '')];
}
