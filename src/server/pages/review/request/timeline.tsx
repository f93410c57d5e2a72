import { formatDuration } from '../../../../core/duration-text.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { Instant } from '../../../../core/time.ts';
import type { DossierView, GrantView, RequestView } from '../../../../core/view.ts';
import { Clock, type PageClock } from '../moments.tsx';

type Step = {
  readonly at: Instant;
  readonly text: string;
  readonly why: string | null;
  /** The grant that it is about. */
  readonly grantId?: string;
};

/** What happened to the request so far, oldest first. */
export function Timeline(props: { readonly dossier: DossierView; readonly clock: PageClock }) {
  const { request, grants } = props.dossier;
  const grant = grants.find((candidate) => candidate.requestId === request.id);
  return (
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">What happened</h2>
      <ol class="timeline">
        {listSteps(request, grant).map(({ at, text, why, grantId }) => (
          <li>
            <span class="soft">
              <Clock at={at} clock={props.clock} />
            </span>
            <span>
              {removeHidden(text)}
              {grantId === undefined ? null : (
                <>
                  : <a href={`/grants/${grantId}`}>{grantId}</a>
                </>
              )}
              {why ? <span class="said soft">{removeHidden(why)}</span> : null}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The steps of a request and of the grant that came of it. */
export function listSteps(request: RequestView, grant: GrantView | undefined): readonly Step[] {
  const steps: readonly Step[] = [
    {
      at: request.createdAt,
      text: request.breakGlass ? `${request.requestedBy} broke the glass` : `${request.requestedBy} asked`,
      why: null,
    },
    ...listReviewSteps(request),
    ...(request.escalatedAt === null
      ? []
      : [{ at: request.escalatedAt, text: 'Nobody had decided: others were called', why: null }]),
    ...(grant ? listGrantSteps(grant) : []),
    ...listLaterSteps(request),
  ];
  return steps.toSorted((left, right) => left.at - right.at);
}

function listReviewSteps(request: RequestView): readonly Step[] {
  return (request.decision?.reviews ?? []).map((review) => ({
    at: review.at,
    text:
      review.outcome === 'denied'
        ? `${review.by} denied it (${review.way})`
        : `${review.by} approved ${review.scopes.join(', ')} for ${formatDuration(review.durationSeconds)} (${review.way})`,
    why: review.reason,
  }));
}

function listGrantSteps(grant: GrantView): readonly Step[] {
  return [
    { at: grant.claimedAt, text: `${grant.heldBy} picked it up`, why: null, grantId: grant.id },
    ...(grant.endedAt === null
      ? []
      : [{ at: grant.endedAt, text: `It ended: ${grant.endedBecause ?? 'done'}`, why: null }]),
  ];
}

function listLaterSteps({ afterwards }: RequestView): readonly Step[] {
  if (!afterwards || afterwards.at === null) return [];
  const verb = afterwards.state === 'objected' ? 'objected afterwards' : 'accepted it afterwards';
  return [{ at: afterwards.at, text: `${afterwards.by ?? 'somebody'} ${verb}`, why: afterwards.reason }];
}
