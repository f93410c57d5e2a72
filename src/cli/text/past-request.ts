import { formatDuration } from '../../core/duration-text.ts';
import type { GrantView, RequestView } from '../../core/view.ts';
import type { World } from '../world.ts';
import { tellField } from './fields.ts';
import { describeAccess, describeEnd, describeEnded, describePast } from './output.ts';

/** What became of a request: of the grant that came of it, else of itself. */
export function describeOutcome(request: RequestView, grant: GrantView | undefined): string {
  const mark = describeBreakGlass(request);
  if (!grant) {
    const isExtended = request.extendsGrantId && request.state === 'claimed';
    return `${isExtended ? 'extended' : request.state}${mark}`;
  }
  const by = grant.endedBy === undefined ? '' : ` by ${grant.endedBy}`;
  return `${grant.endedBecause ? `${grant.state} (${grant.endedBecause}${by})` : grant.state}${mark}`;
}

function describeBreakGlass({ breakGlass, afterwards }: RequestView): string {
  if (!breakGlass) return '';
  const isReviewed = afterwards?.state === 'accepted' || afterwards?.state === 'objected';
  return isReviewed ? ` (break-glass, ${afterwards.state})` : ' (break-glass)';
}

export type Past = { readonly request: RequestView; readonly grant: GrantView | undefined };

/** All that is known of one request: what was asked, what was decided, by whom and why, and what came of it. */
export function tellPastRequest(world: World, { request, grant }: Past): void {
  const { originally, decision, afterwards } = request;
  const { tell, paint } = world.terminal;
  tell(paint.strong(`${describeOutcome(request, grant)} · ${describeAccess(request)}`));
  const by = `${describePast(world, request.createdAt)}, by ${request.requestedBy}`;
  const what = `${originally.scopes.join(' ')} for ${formatDuration(originally.durationSeconds)}`;
  tellField(world, 'asked', `${by}: ${what}`);
  tellField(world, 'reason', request.reason);
  tellField(world, 'ticket', request.ticket ?? '');
  tellField(world, 'extends', request.extendsGrantId ?? '');
  tellField(world, 'policy', [decision?.rule ?? '', ...(decision?.reasons ?? [])].filter(Boolean).join(': '));
  for (const advice of decision?.advice ?? []) tellField(world, 'advice', advice);
  for (const review of decision?.reviews ?? [])
    tellField(world, review.outcome, describeReview(world, review));
  if (afterwards?.by)
    tellField(world, 'review', `${afterwards.state} by ${afterwards.by}: ${afterwards.reason}`);
  if (grant) tellField(world, 'grant', `${grant.id} ${describeGrantEnd(world, grant)}`);
  tellField(world, 'request', request.id);
  tell(`  ${paint.dim(request.url)}`);
}

type ReviewView = NonNullable<RequestView['decision']>['reviews'][number];

function describeReview(world: World, { by, at, reason, scopes, durationSeconds }: ReviewView): string {
  const left = `${scopes.join(' ')} for ${formatDuration(durationSeconds)}`;
  return `by ${by} ${describePast(world, at)}${reason === null ? `, ${left}` : `: ${reason}`}`;
}

function describeGrantEnd(world: World, grant: GrantView): string {
  const isOver = grant.state === 'revoking' || grant.state === 'ended';
  return isOver ? describeEnded(world, grant) : describeEnd(world, grant.expiresAt);
}
