import { INBOX_ROWS_PER_PAGE, LONGEST_FILTER_CHARACTERS } from '../../../../core/limits.ts';
import type { InboxView, RequestView } from '../../../../core/view.ts';
import { selectPart } from '../part.ts';

/** The part of an inbox that one page shows. */
export type InboxPart = {
  readonly filter: string;
  /** All that waits, whatever the filter. */
  readonly total: number;
  /** All that fits the filter. */
  readonly found: number;
  /** How many are on this page. */
  readonly shown: number;
  readonly page: number;
  readonly pages: number;
  /** The number of the first one of `requests`, counted from 1 over all pages. */
  readonly first: number;
  readonly requests: readonly RequestView[];
  readonly afterwards: readonly RequestView[];
};

/** What has every word of the filter somewhere, page by page; what is overdue stands on the first. */
export function selectInbox(
  inbox: Pick<InboxView, 'requests' | 'afterwards'>,
  query: { readonly filter: string; readonly page: number },
): InboxPart {
  const filter = query.filter.slice(0, LONGEST_FILTER_CHARACTERS).trim();
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const requests = inbox.requests.filter((request) => hasWords(request, words));
  const afterwards = inbox.afterwards.filter((request) => hasWords(request, words));
  const { rows, first, page, pages } = selectPart(requests, { page: query.page, most: INBOX_ROWS_PER_PAGE });
  const toReview = page === 1 ? afterwards.slice(0, INBOX_ROWS_PER_PAGE) : [];
  return {
    filter,
    total: inbox.requests.length + inbox.afterwards.length,
    found: requests.length + afterwards.length,
    shown: rows.length + toReview.length,
    page,
    pages,
    first,
    requests: rows,
    afterwards: toReview,
  };
}

function hasWords(request: RequestView, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [
    request.id,
    request.requestedBy,
    request.target,
    request.reason,
    request.ticket ?? '',
    request.breakGlass ? 'break-glass' : '',
    request.escalatedAt === null ? '' : 'escalated',
    ...request.scopes,
  ]
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
