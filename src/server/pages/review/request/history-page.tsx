import { removeHidden } from '../../../../core/text.ts';
import type { StatusView } from '../../../../core/view.ts';
import { renderPage } from '../../layout.tsx';
import { type Frame, Shell } from '../shell.tsx';
import { RequestLines } from './lines.tsx';

export type HistoryPageProps = {
  readonly frame: Frame;
  /** Whose; null: the reader's own. */
  readonly user: string | null;
  /** Null: there is no such person, or the reader may not see what they did. Both look alike. */
  readonly history: StatusView | null;
};

/** What one person asked for and what came of it. */
export function renderHistoryPage({ frame, user, history }: HistoryPageProps): string {
  const title = user === null ? 'My history' : `History of ${removeHidden(user)}`;
  return renderPage(
    <Shell frame={frame} title={title} section="history">
      <div class="head">
        <h1>{title}</h1>
        <search>
          <form class="filter" method="get" action="/history">
            <label class="unseen" for="user">
              Whose history
            </label>
            <input
              id="user"
              name="user"
              type="search"
              value={user ?? ''}
              placeholder="Whose: a name; empty for mine"
              autocomplete="off"
              spellcheck={false}
              maxlength={200}
            />
            <button type="submit">Show</button>
          </form>
        </search>
      </div>
      {history === null ? (
        <p class="empty">Nobody of that name has a history that you may see.</p>
      ) : (
        <div id="list" data-live="list">
          {history.requests.length === 0 ? <p class="empty">Nothing yet.</p> : null}
          <RequestLines requests={history.requests} grants={history.grants} clock={frame.clock} />
        </div>
      )}
    </Shell>,
  );
}
