import { formatDuration } from '../../../../core/duration-text.ts';
import { isUseKnown } from '../../../../core/grant.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { GrantView, RequestView } from '../../../../core/view.ts';
import { BreakGlassMark, RequestStateMark, Said, What } from '../marks.tsx';
import { Clock, type PageClock } from '../moments.tsx';

type LinesProps = {
  readonly requests: readonly RequestView[];
  /** Where known: how the grants that came of them were used. */
  readonly grants: readonly GrantView[];
  readonly clock: PageClock;
};

/** Requests, a line each, the newest first. */
export function RequestLines({ requests, grants, clock }: LinesProps) {
  return (
    <ul class="lines">
      {requests.map((request) => (
        <li>
          <span class="line-side soft">
            <Clock at={request.createdAt} clock={clock} />
          </span>
          <a class="line-what" href={`/requests/${request.id}`} aria-label={describeLine(request)}>
            <What scopes={request.scopes} target={request.target} />
          </a>
          <span class="line-why">
            {`${formatDuration(request.durationSeconds)}. `}
            <Said text={request.reason} />
          </span>
          <span class="line-state">
            {request.breakGlass ? <BreakGlassMark /> : null}
            <RequestStateMark state={request.state} />
            <Use grant={grants.find((grant) => grant.requestId === request.id)} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function describeLine({ scopes, target, state }: RequestView): string {
  return removeHidden(`${scopes.join(', ')} on ${target}, ${state}`);
}

function Use({ grant }: { readonly grant: GrantView | undefined }) {
  if (!grant || !isUseKnown(grant)) return null;
  return <span class="soft">{grant.lastUsedAt === null ? 'not used' : 'used'}</span>;
}
