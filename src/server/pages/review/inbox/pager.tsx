import type { Part } from '../part.ts';

/** The way to the other pages of a long list. */
export function Pager(props: {
  readonly part: Pick<Part<unknown>, 'page' | 'pages'>;
  /** Where the list is, and what its address says besides the page. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}) {
  const { part, path, query } = props;
  const buildAddress = (page: number): string =>
    `${path}?${new URLSearchParams({ ...query, page: String(page) })}`;
  if (part.pages === 1) return null;
  return (
    <nav class="pager" aria-label="Parts of the list">
      {part.page > 1 ? (
        <a href={buildAddress(part.page - 1)} rel="prev">
          Earlier
        </a>
      ) : null}
      <span class="soft">{`Part ${part.page} of ${part.pages}`}</span>
      {part.page < part.pages ? (
        <a href={buildAddress(part.page + 1)} rel="next">
          Later
        </a>
      ) : null}
    </nav>
  );
}
