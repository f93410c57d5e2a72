import type { PropsWithChildren } from 'hono/jsx';
import { formatDuration } from '../../../core/duration-text.ts';
import type { GrantState } from '../../../core/grant.ts';
import type { RequestState } from '../../../core/request.ts';
import { removeHidden } from '../../../core/text.ts';
import type { RequestView } from '../../../core/view.ts';

type Tone = 'plain' | 'good' | 'notice' | 'danger';

/** A word that stands out. The colour says nothing that the word does not. */
export function Mark({ tone = 'plain', children }: PropsWithChildren<{ readonly tone?: Tone }>) {
  return <span class={`tag ${tone}`}>{children}</span>;
}

/** Text that a person wrote, as they wrote it and doing nothing (S12). */
export function Said({ text }: { readonly text: string }) {
  return <span class="said">{removeHidden(text)}</span>;
}

/** The scopes, each as one piece, and where. */
export function What(props: { readonly scopes: readonly string[]; readonly target: string }) {
  return (
    <span class="what">
      {props.scopes.map((scope) => (
        <>
          <code class="scope">{removeHidden(scope)}</code>{' '}
        </>
      ))}
      <span class="on">on</span> <code class="scope">{removeHidden(props.target)}</code>
    </span>
  );
}

const REQUEST_TONES: Readonly<Record<RequestState, Tone>> = {
  pending: 'notice',
  approved: 'good',
  claimed: 'good',
  denied: 'danger',
  cancelled: 'plain',
  lapsed: 'plain',
};

export function RequestStateMark({ state }: { readonly state: RequestState }) {
  return <Mark tone={REQUEST_TONES[state]}>{state}</Mark>;
}

const GRANT_TONES: Readonly<Record<GrantState, Tone>> = {
  provisioning: 'plain',
  active: 'good',
  revoking: 'notice',
  ended: 'plain',
};

export function GrantStateMark({ state }: { readonly state: GrantState }) {
  return <Mark tone={GRANT_TONES[state]}>{state}</Mark>;
}

/** What makes a grant different from the others in a list. */
export function GrantMarks({ grant }: { readonly grant: { readonly breakGlass?: boolean } }) {
  return grant.breakGlass ? <BreakGlassMark /> : null;
}

export function BreakGlassMark() {
  return <Mark tone="danger">break-glass</Mark>;
}

/** What makes a request different from the others in a list. */
export function RequestMarks({ request }: { readonly request: RequestView }) {
  const { afterwards, approvals } = request;
  const isOpen = request.state === 'pending';
  return (
    <>
      {request.breakGlass ? <BreakGlassMark /> : null}
      {afterwards?.state === 'overdue' ? <Mark tone="danger">review overdue</Mark> : null}
      {isOpen && request.escalatedAt !== null ? <Mark tone="notice">escalated</Mark> : null}
      {isOpen && approvals.needed > 1 ? <Mark>{`${approvals.given} of ${approvals.needed}`}</Mark> : null}
      {request.extendsGrantId === null ? null : <Mark>more time</Mark>}
    </>
  );
}

/** One line for a title, a question, a screen reader. */
export function describeAsked(
  request: Pick<RequestView, 'scopes' | 'target' | 'durationSeconds' | 'requestedBy'>,
): string {
  const scopes = request.scopes.join(' and ');
  return removeHidden(
    `${request.requestedBy}: ${scopes} on ${request.target} for ${formatDuration(request.durationSeconds)}`,
  );
}
