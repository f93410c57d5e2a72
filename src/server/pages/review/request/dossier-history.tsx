import { formatDuration } from '../../../../core/duration-text.ts';
import { isUseKnown } from '../../../../core/grant.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { DossierView, GrantView } from '../../../../core/view.ts';
import { Mark } from '../marks.tsx';
import type { PageClock } from '../moments.tsx';
import { RequestLines } from './lines.tsx';

const OUTCOMES = {
  automatic: { tone: 'good', text: 'granted at once' },
  needs_people: { tone: 'notice', text: 'needs people' },
  denied: { tone: 'danger', text: 'denied' },
} as const;

/** What policy said of each scope, and by which rule. */
export function PolicyReasons({ dossier }: { readonly dossier: DossierView }) {
  return (
    <section aria-labelledby="policy-title">
      <h2 id="policy-title">What policy says</h2>
      <ul class="lines">
        {dossier.verdicts.map(({ scope, outcome, reasons, rules }) => (
          <li class="verdict">
            <span class="line-what">
              <code class="scope">{removeHidden(scope)}</code>{' '}
              <Mark tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].text}</Mark>
            </span>
            <span class="line-why">{removeHidden(reasons.join('; '))}</span>
            <span class="soft line-side">{removeHidden(rules.join(', '))}</span>
          </li>
        ))}
      </ul>
      {(dossier.request.decision?.advice ?? []).map((advice) => (
        <p class="soft">{removeHidden(advice)}</p>
      ))}
    </section>
  );
}

/** What this person asked for and used before. */
export function Earlier(props: { readonly dossier: DossierView; readonly clock: PageClock }) {
  const { dossier, clock } = props;
  const name = removeHidden(dossier.requester.name);
  return (
    <section aria-labelledby="earlier-title">
      <h2 id="earlier-title">{`What ${name} asked for before`}</h2>
      {dossier.earlier.length === 0 ? (
        <p class="soft">Nothing yet.</p>
      ) : (
        <RequestLines requests={dossier.earlier} grants={dossier.grants} clock={clock} />
      )}
      <p class="soft">
        {describeUse(dossier)}{' '}
        <a href={`/history?user=${encodeURIComponent(dossier.requester.name)}`}>{`All of ${name}`}</a>
      </p>
    </section>
  );
}

function describeUse({ grants: held, request }: DossierView): string {
  const grants = held.filter((grant) => grant.claimedAt <= request.createdAt);
  if (grants.length === 0) return '';
  const total = grants.reduce(
    (seconds, grant) => seconds + Math.max(0, ((grant.endedAt ?? grant.expiresAt) - grant.claimedAt) / 1000),
    0,
  );
  return `${[`${grants.length} held before`, ...describeUsed(grants), `${formatDuration(total)} in all`].join(', ')}.`;
}

/** Nothing where nothing is known: "none" would be held against whoever used them. */
function describeUsed(grants: readonly GrantView[]): readonly string[] {
  const used = grants.filter((grant) => grant.lastUsedAt !== null).length;
  if (grants.every(isUseKnown)) return [`${used} of them used`];
  return used === 0 ? [] : [`at least ${used} of them used`];
}
