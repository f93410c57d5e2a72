import { GRANT_ROWS_PER_PAGE, LONGEST_NAME_CHARACTERS } from '../../../../core/limits.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { Instant } from '../../../../core/time.ts';
import type { GrantView } from '../../../../core/view.ts';
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
  readonly grants: readonly GrantView[];
  readonly page: number;
  /** Those of them that the reader may take away. */
  readonly revocable: ReadonlySet<string>;
  /** The targets, for a reader who may take away everything there is: also where nothing is live yet. */
  readonly everyTarget: readonly string[] | null;
  readonly asOf: Instant;
  readonly note: NoteText | null;
};

/** What is live, with a way to end it. */
export function renderGrantsPage(props: GrantsPageProps): string {
  const { frame, grants, note, asOf } = props;
  const part = selectGrants(grants, props.page);
  return renderPage(
    <Shell frame={frame} title="Live grants" section="grants">
      <div class="head">
        <h1>Live grants</h1>
      </div>
      {note ? <Note note={note} /> : null}
      <div id="list" data-live="list">
        <p class="sum">
          {grants.length === 1 ? '1 is live.' : `${grants.length} are live.`}{' '}
          <span class="soft">
            As of <Clock at={asOf} clock={frame.clock} />.
          </span>
        </p>
        {grants.length === 0 ? (
          <p class="empty">
            <strong>Nobody holds anything that you may see.</strong>
            <span class="soft">What is granted appears here by itself.</span>
          </p>
        ) : (
          <ul class="rows">
            {part.rows.map((grant) => (
              <GrantRow grant={grant} frame={frame} mayRevoke={props.revocable.has(grant.id)} />
            ))}
          </ul>
        )}
        <Pager part={part} path="/grants" />
      </div>
      <RevokeMany {...props} />
    </Shell>,
  );
}

export function selectGrants(grants: readonly GrantView[], page: number): Part<GrantView> {
  return selectPart(grants, { page, most: GRANT_ROWS_PER_PAGE });
}

/** Everything of a person, at a target, of everybody: the next page shows what it would take away. */
function RevokeMany({ frame, grants, revocable, everyTarget }: GrantsPageProps) {
  const mine = frame.personName;
  const others = grants.filter((grant) => revocable.has(grant.id) && grant.heldBy !== mine);
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
