import type { InboxPart } from './inbox-filter.ts';

/** The way to the other pages of a long list. */
export function Pager({ part }: { readonly part: InboxPart }) {
  if (part.pages === 1) return null;
  return (
    <nav class="pager" aria-label="Parts of the list">
      {part.page > 1 ? (
        <a href={buildAddress(part, part.page - 1)} rel="prev">
          Earlier
        </a>
      ) : null}
      <span class="soft">{`Part ${part.page} of ${part.pages}`}</span>
      {part.page < part.pages ? (
        <a href={buildAddress(part, part.page + 1)} rel="next">
          Later
        </a>
      ) : null}
    </nav>
  );
}

function buildAddress({ filter }: InboxPart, page: number): string {
  return `/inbox?${new URLSearchParams({ ...(filter ? { q: filter } : {}), page: String(page) })}`;
}
