import { removeHidden } from '../../../../core/text.ts';
import type { Selection } from '../../../../core/view.ts';
import { renderPage } from '../../layout.tsx';
import { GrantMarks, What } from '../marks.tsx';
import { Distance } from '../moments.tsx';
import { Note, type NoteText } from '../notes.tsx';
import { type Frame, Shell } from '../shell.tsx';

/** A grant as far as this page shows it. */
type Listed = {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly target: string;
  readonly heldBy: { readonly name: string };
  readonly expiresAt: number;
  readonly breakGlass?: boolean;
};

export type RevokePageProps = {
  readonly frame: Frame;
  readonly selection: Selection;
  readonly grants: readonly Listed[];
  /** The reader may end that person's logins as well. */
  readonly endsLogins: boolean;
  readonly note: NoteText | null;
};

const MOST_LISTED = 200;

/** What would be taken away. For everybody's, its number has to be typed. */
export function renderRevokePage({ frame, selection, grants, endsLogins, note }: RevokePageProps): string {
  const isEveryone = selection.user === null && selection.target === null;
  const title = describeSelection(selection);
  return renderPage(
    <Shell frame={frame} title={`Take away ${title}`} section="grants">
      <p class="crumbs">
        <a href="/grants">Grants</a>
      </p>
      <div class="head">
        <h1>{`Take away ${title}`}</h1>
      </div>
      {note ? <Note note={note} /> : null}
      <p class="sum">
        {grants.length === 1 ? '1 live grant' : `${grants.length} live grants`}
        {', and requests that could still become grants.'}
        {endsLogins ? ' Login sessions end too.' : ''}
      </p>
      <form class="panel" method="post" action="/grants/revoke">
        <input type="hidden" name="csrf" value={frame.csrf} />
        {isEveryone ? <input type="hidden" name="everyone" value="yes" /> : null}
        {selection.user === null ? null : <input type="hidden" name="user" value={selection.user} />}
        {selection.target === null ? null : <input type="hidden" name="target" value={selection.target} />}
        {isEveryone ? (
          <div class="field">
            <label for="count">{`Type ${grants.length} to take all of them away`}</label>
            <input class="short" id="count" name="count" inputmode="numeric" autocomplete="off" required />
          </div>
        ) : null}
        <button class="refuse strong" type="submit">
          {isEveryone ? 'Take everything from everybody' : `Take away ${title}`}
        </button>
      </form>
      <ul class="lines">
        {grants.slice(0, MOST_LISTED).map((grant) => (
          <li>
            <span class="line-side">{removeHidden(grant.heldBy.name)}</span>
            <span class="line-what">
              <What scopes={grant.scopes} target={grant.target} />
            </span>
            <span class="line-state soft">
              <GrantMarks grant={grant} /> ends <Distance at={grant.expiresAt} clock={frame.clock} />
            </span>
          </li>
        ))}
      </ul>
    </Shell>,
  );
}

function describeSelection({ user, target }: Selection): string {
  const whose = user === null ? 'everything' : `everything of ${user}`;
  return removeHidden(target === null ? whose : `${whose} at ${target}`);
}
