import type { PropsWithChildren } from 'hono/jsx';
import { formatDuration } from '../../../../core/duration-text.ts';
import { removeHidden } from '../../../../core/text.ts';
import { HOUR_SECONDS, MINUTE_SECONDS } from '../../../../core/time.ts';
import type { RequestView } from '../../../../core/view.ts';
import type { RequestPageProps } from './props.ts';

/** The steps that a reviewer can shorten to. */
const STEPS_SECONDS = [
  5 * MINUTE_SECONDS,
  10 * MINUTE_SECONDS,
  15 * MINUTE_SECONDS,
  30 * MINUTE_SECONDS,
  HOUR_SECONDS,
  2 * HOUR_SECONDS,
  4 * HOUR_SECONDS,
  8 * HOUR_SECONDS,
  24 * HOUR_SECONDS,
];

/** Approve all of it, approve less, or deny. Carries the digest of what is shown beside it (APR-03). */
export function DecisionForm(props: RequestPageProps) {
  const { request } = props.dossier;
  return (
    <>
      <h2>Your decision</h2>
      <Quorum request={request} />
      <form method="post" action={`/requests/${request.id}/decide`} id="approve">
        <Hidden {...props} decision="approve" />
        <Scopes request={request} />
        <div class="field">
          <label for="duration">For how long</label>
          <select id="duration" name="duration">
            {listDurations(request.durationSeconds).map((seconds) => (
              <option value={String(seconds)} selected={seconds === request.durationSeconds}>
                {formatDuration(seconds)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="approve-reason">
            Comment <span class="soft">if you like</span>
          </label>
          <input id="approve-reason" name="reason" maxlength={1024} autocomplete="off" />
        </div>
        <button class="primary" type="submit" id="approve-button" aria-keyshortcuts="a">
          Approve
        </button>
      </form>
      <form class="second" method="post" action={`/requests/${request.id}/decide`} id="deny">
        <Hidden {...props} decision="deny" />
        <div class="field">
          <label for="deny-reason">
            Reason for denying <span class="soft">the requester sees it</span>
          </label>
          <textarea id="deny-reason" name="reason" rows={2} maxlength={1024} aria-keyshortcuts="d" required>
            {removeHidden(props.reason ?? '')}
          </textarea>
        </div>
        <button class="refuse" type="submit">
          Deny
        </button>
      </form>
    </>
  );
}

/** The fields that tell what was in front of the reader. */
function Hidden(props: PropsWithChildren<RequestPageProps & { readonly decision: 'approve' | 'deny' }>) {
  const { request } = props.dossier;
  return (
    <>
      <input type="hidden" name="csrf" value={props.frame.csrf} />
      <input type="hidden" name="decision" value={props.decision} />
      <input type="hidden" name="digest" value={request.digest} />
      <input type="hidden" name="shown_scopes" value={request.scopes.join(' ')} />
      <input type="hidden" name="shown_duration" value={String(request.durationSeconds)} />
      {props.isSteppedUp ? <input type="hidden" name="stepped_up" value="yes" /> : null}
    </>
  );
}

function Scopes({ request }: { readonly request: RequestView }) {
  // More time on a grant is for all of its scopes; the last one cannot be dropped.
  if (request.scopes.length === 1 || request.extendsGrantId !== null) {
    return request.scopes.map((scope) => <input type="hidden" name={`keep:${scope}`} value="yes" />);
  }
  return (
    <fieldset class="field">
      <legend>Scopes to give</legend>
      {request.scopes.map((scope) => (
        <label class="choice" for={`keep:${scope}`}>
          <input type="checkbox" id={`keep:${scope}`} name={`keep:${scope}`} value="yes" checked />
          <code>{removeHidden(scope)}</code>
        </label>
      ))}
    </fieldset>
  );
}

function Quorum({ request }: { readonly request: RequestView }) {
  const { needed, given, groups } = request.approvals;
  if (needed <= 1 && groups.length === 0) return null;
  const missing = groups.length > 0 ? ` Still needed from: ${groups.join(', ')}.` : '';
  return <p class="soft">{removeHidden(`${given} of ${Math.max(1, needed)} have approved.${missing}`)}</p>;
}

/** What was asked, and everything shorter that has a round name. */
function listDurations(askedSeconds: number): readonly number[] {
  return [askedSeconds, ...STEPS_SECONDS.filter((step) => step < askedSeconds).toReversed()];
}
