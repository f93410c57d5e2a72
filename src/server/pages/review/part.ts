/** What one page shows of a long list. */
export type Part<T> = {
  readonly rows: readonly T[];
  /** The number of the first of `rows`, counted from 1 over all pages. */
  readonly first: number;
  readonly page: number;
  readonly pages: number;
};

/** A page that there is not is the last one. */
export function selectPart<T>(
  all: readonly T[],
  { page: wanted, most }: { readonly page: number; readonly most: number },
): Part<T> {
  const pages = Math.max(1, Math.ceil(all.length / most));
  const page = Math.min(Math.max(1, wanted), pages);
  const start = (page - 1) * most;
  return { rows: all.slice(start, start + most), first: start + 1, page, pages };
}

/** The page number in an address; whatever is none is the first. */
export function readPageNumber(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 1;
}
