import type { Instant } from '../../../../core/time.ts';
import { renderPage } from '../../layout.tsx';
import type { PageClock } from '../moments.tsx';
import { Clock } from '../moments.tsx';
import { Note, type NoteText } from '../notes.tsx';
import { DecideDialog } from '../request/decide-dialog.tsx';
import { type Frame, Shell } from '../shell.tsx';
import type { InboxPart } from './filter.ts';
import { Pager } from './pager.tsx';
import { InboxRow } from './row.tsx';

export type InboxPageProps = {
  readonly frame: Frame;
  readonly part: InboxPart;
  readonly asOf: Instant;
  readonly note: NoteText | null;
};

/** What waits for the reader, oldest first. */
export function renderInboxPage({ frame, part, asOf, note }: InboxPageProps): string {
  const { clock } = frame;
  return renderPage(
    <Shell frame={frame} title={part.total > 0 ? `Inbox (${part.total})` : 'Inbox'} section="inbox">
      <div class="head">
        <h1>Inbox</h1>
        <search>
          <form class="filter" method="get" action="/inbox">
            <label class="unseen" for="q">
              Filter by person, scope, target or word
            </label>
            <input
              id="q"
              name="q"
              type="search"
              value={part.filter}
              placeholder="Filter: person, scope, target, word"
              autocomplete="off"
              spellcheck={false}
              maxlength={200}
            />
            <button type="submit">Filter</button>
          </form>
        </search>
      </div>
      {note ? <Note note={note} /> : null}
      <div id="list" data-live="list">
        <p class="sum">
          {describeCount(part)}{' '}
          <span class="soft">
            As of <Clock at={asOf} clock={clock} />.
          </span>
        </p>
        <Lists part={part} clock={clock} />
        <Pager part={part} path="/inbox" query={part.filter ? { q: part.filter } : {}} />
      </div>
      <DecideDialog csrf={frame.csrf} />
    </Shell>,
  );
}

function Lists({ part, clock }: { readonly part: InboxPart; readonly clock: PageClock }) {
  return (
    <>
      {part.afterwards.length > 0 ? (
        <section aria-labelledby="afterwards-title">
          <h2 id="afterwards-title">Break-glass to look at</h2>
          <ol class="rows">
            {part.afterwards.map((request) => (
              <InboxRow request={request} clock={clock} />
            ))}
          </ol>
        </section>
      ) : null}
      {part.requests.length > 0 ? (
        <section aria-labelledby="waiting-title">
          <h2 id="waiting-title">To decide</h2>
          <ol class="rows" start={part.first}>
            {part.requests.map((request) => (
              <InboxRow request={request} clock={clock} />
            ))}
          </ol>
        </section>
      ) : null}
      {part.shown === 0 ? <Empty part={part} /> : null}
    </>
  );
}

function Empty({ part }: { readonly part: InboxPart }) {
  if (part.total > 0) {
    return (
      <p class="empty">
        Nothing here has all of these words. <a href="/inbox">Show everything</a>
      </p>
    );
  }
  return (
    <p class="empty">
      <strong>Nothing waits for you.</strong>
      <span class="soft">Requests that you may decide appear here by themselves.</span>
    </p>
  );
}

function describeCount({ total, found, filter }: InboxPart): string {
  const all = total === 1 ? '1 waits for you.' : `${total} wait for you.`;
  return filter ? `${found} of ${total} shown.` : all;
}
