import { formatDuration } from '../../../../core/duration-text.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { DossierView } from '../../../../core/view.ts';
import { renderPage } from '../../layout.tsx';
import { Changed } from '../changed.tsx';
import { RequestMarks, RequestStateMark } from '../marks.tsx';
import { Clock, Distance } from '../moments.tsx';
import { Note } from '../notes.tsx';
import { toSentence } from '../sentence.ts';
import { Shell } from '../shell.tsx';
import { AfterwardsForm } from './afterwards-form.tsx';
import { DecisionForm } from './decision-form.tsx';
import { AskedFacts, Unusual } from './dossier-facts.tsx';
import { Earlier, PolicyReasons } from './dossier-history.tsx';
import { OwnRequest } from './own-request.tsx';
import type { RequestPageProps } from './props.ts';
import { Timeline } from './timeline.tsx';

/** All that a reviewer wants to know of one request, and the form to decide. */
export function renderRequestPage(props: RequestPageProps): string {
  const { frame, dossier, note, before } = props;
  const { request } = dossier;
  const name = removeHidden(request.requestedBy);
  return renderPage(
    <Shell
      frame={frame}
      title={`${name} ${describeAsking(request)} ${request.scopes.join(', ')}`}
      section="inbox"
    >
      <p class="crumbs">
        <a href="/inbox" id="back">
          Inbox
        </a>
      </p>
      {note ? <Note note={note} /> : null}
      {before ? <Changed before={before} request={request} /> : null}
      <div class="request">
        <div class="request-head" id="head" data-live="head">
          <h1>
            {name} <span class="soft">{describeAsking(request)}</span>{' '}
            {`${request.scopes.join(', ')} on ${request.target} for ${formatDuration(request.durationSeconds)}`}
          </h1>
          <p class="states">
            <RequestStateMark state={request.state} />
            <RequestMarks request={request} />
            <Standing {...props} />
          </p>
          <Unusual dossier={dossier} />
          <AskedFacts dossier={dossier} clock={frame.clock} />
        </div>
        <aside class="request-act" aria-label="Decision">
          <Act {...props} />
        </aside>
        <div class="request-more" id="more" data-live="more">
          <PolicyReasons dossier={dossier} />
          <Earlier dossier={dossier} clock={frame.clock} />
          <Timeline dossier={dossier} clock={frame.clock} />
        </div>
      </div>
    </Shell>,
  );
}

function describeAsking({ breakGlass, state }: DossierView['request']): string {
  if (breakGlass) return 'broke the glass for';
  return state === 'pending' ? 'asks for' : 'asked for';
}

/** How long it still stands, or since when it does not. */
function Standing({ frame, dossier }: RequestPageProps) {
  const { request } = dossier;
  if (request.state === 'pending') {
    return (
      <span class="soft">
        lapses <Distance at={request.lapsesAt} clock={frame.clock} />, at{' '}
        <Clock at={request.lapsesAt} clock={frame.clock} />
      </span>
    );
  }
  if (request.state === 'approved' && request.claimBy !== null) {
    return (
      <span class="soft">
        to be picked up by <Clock at={request.claimBy} clock={frame.clock} />
      </span>
    );
  }
  return null;
}

/** What the reader may do about it. A new `data-version` tells the script that the form is out of date. */
function Act(props: RequestPageProps) {
  const { dossier, frame } = props;
  const { request, isOwn, mayDecide, obstacle } = dossier;
  const isAfterwards = request.afterwards?.state === 'due' || request.afterwards?.state === 'overdue';
  const version = [request.state, request.digest, request.approvals.given, request.afterwards?.state];
  return (
    <div class="panel" id="act" data-live="act" data-version={`${version.join(' ')} ${mayDecide}`}>
      {isOwn ? <OwnRequest request={request} frame={frame} /> : null}
      {!isOwn && mayDecide && request.state === 'pending' ? <DecisionForm {...props} /> : null}
      {!isOwn && mayDecide && isAfterwards ? <AfterwardsForm {...props} /> : null}
      {isOwn || mayDecide ? null : <Obstacle obstacle={obstacle} request={request} />}
    </div>
  );
}

function Obstacle(props: { readonly obstacle: string | null; readonly request: DossierView['request'] }) {
  const isOpen = props.request.state === 'pending';
  return (
    <>
      <h2>{isOpen ? 'Not yours to decide' : 'Nothing to decide'}</h2>
      <p>{removeHidden(toSentence(props.obstacle ?? `it is ${props.request.state}`))}</p>
      {isOpen && props.request.canApprove.length > 0 ? (
        <p class="soft">{`Who can: ${removeHidden(props.request.canApprove.join(', '))}.`}</p>
      ) : null}
    </>
  );
}
