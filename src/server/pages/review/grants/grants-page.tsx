import type { SeenGrant } from '../../../../broker/view/query.ts';
import { GRANT_ROWS_PER_PAGE, LONGEST_NAME_CHARACTERS } from '../../../../core/limits.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { Instant } from '../../../../core/time.ts';
import { renderPage } from '../../layout.tsx';
import { Pager } from '../inbox/pager.tsx';
import { Clock } from '../moments.tsx';
import { Note, type NoteText } from '../notes.tsx';
import { type Part, selectPart } from '../part.ts';
import { type Frame, Shell } from '../shell.tsx';
import { GrantRow } from './grant-row.tsx';

export type GrantsPageProps = {
  readonly frame: Frame;
  /** All that the reader may see, whatever this page shows of it. */
  readonly live: readonly SeenGrant[];
  readonly page: number;
  /** The targets, for a reader who may take away everything there is: also where nothing is live yet. */
  readonly everyTarget: readonly string[] | null;
  readonly asOf: Instant;
  readonly note: NoteText | null;
};

/** What is live, with a way to end it. */
export function renderGrantsPage(props: GrantsPageProps): string {
  const { frame, live, note, asOf } = props;
  const part = selectGrants(live, props.page);
  return renderPage(
    <Shell frame={frame} title="Live grants" section="grants">
      <div class="head">
        <h1>Live grants</h1>
      </div>
      {note ? <Note note={note} /> : null}
      <div id="list" data-live="list">
        <p class="sum">
          {live.length === 1 ? '1 is live.' : `${live.length} are live.`}{' '}
          <span class="soft">
            As of <Clock at={asOf} clock={frame.clock} />.
          </span>
        </p>
        {live.length === 0 ? (
          <p class="empty">
            <strong>Nobody holds anything that you may see.</strong>
            <span class="soft">What is granted appears here by itself.</span>
          </p>
        ) : (
          <ul class="rows">
            {part.rows.map((seen) => (
              <GrantRow seen={seen} frame={frame} />
            ))}
          </ul>
        )}
        <Pager part={part} path="/grants" />
      </div>
      <RevokeMany {...props} />
    </Shell>,
  );
}

export function selectGrants<T>(live: readonly T[], page: number): Part<T> {
  return selectPart(live, { page, most: GRANT_ROWS_PER_PAGE });
}

/** Everything of a person, at a target, of everybody: the next page shows what it would take away. */
function RevokeMany({ live, everyTarget }: GrantsPageProps) {
  const others = live.filter(({ mayRevoke, isOwn }) => mayRevoke && !isOwn).map(({ grant }) => grant);
  if (others.length === 0 && everyTarget === null) return null;
  const holders = others.map((grant) => grant.heldBy);
  return (
    <section class="many" aria-labelledby="many-title">
      <h2 id="many-title">Take away more at once</h2>
      <div class="many-forms">
        {everyTarget === null ? (
          <Choice name="user" label="All of a person" values={holders} />
        ) : (
          <Anybody holders={holders} />
        )}
        <Choice
          name="target"
          label="All at a target"
          values={everyTarget ?? others.map((grant) => grant.target)}
        />
        <form method="get" action="/grants/revoke">
          <input type="hidden" name="everyone" value="yes" />
          <button class="refuse" type="submit">
            All of everybody …
          </button>
        </form>
      </div>
      <p class="soft">The next page shows what would go, and asks.</p>
    </section>
  );
}

/** Also whoever holds nothing: there may be logins and requests that would become something. */
function Anybody({ holders }: { readonly holders: readonly string[] }) {
  return (
    <form method="get" action="/grants/revoke">
      <label for="many-user">All of a person</label>
      <div class="joined">
        <input
          id="many-user"
          name="user"
          list="many-holders"
          maxlength={LONGEST_NAME_CHARACTERS}
          autocomplete="off"
          spellcheck={false}
          required
        />
        <datalist id="many-holders">
          {[...new Set(holders)].toSorted().map((name) => (
            <option value={name} />
          ))}
        </datalist>
        <button type="submit">Show …</button>
      </div>
    </form>
  );
}

function Choice(props: {
  readonly name: 'user' | 'target';
  readonly label: string;
  readonly values: readonly string[];
}) {
  const id = `many-${props.name}`;
  return (
    <form method="get" action="/grants/revoke">
      <label for={id}>{props.label}</label>
      <div class="joined">
        <select id={id} name={props.name}>
          {[...new Set(props.values)].toSorted().map((value) => (
            <option value={value}>{removeHidden(value)}</option>
          ))}
        </select>
        <button type="submit">Show …</button>
      </div>
    </form>
  );
}
