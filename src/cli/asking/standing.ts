import type { Standing } from '../../client/request.ts';
import { describeDenial } from '../../core/denial.ts';
import { formatDuration } from '../../core/duration-text.ts';
import type { Asked } from '../../core/request.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { GrantView, RequestView } from '../../core/view.ts';
import { describeApprovers, describeNarrowing, listApproving, tellHelp } from '../reviewing/approvals.ts';
import {
  describeAccess,
  describeDeadline,
  describeEnd,
  describeGrant,
  describeMoment,
  describePast,
  describeRequested,
  tellReasons,
} from '../text/output.ts';
import type { World } from '../world.ts';

/** Tells a person what they hold now, and what asking changed. */
export function tellGranted(world: World, standing: Standing): void {
  const { request, grant } = standing;
  if (!grant) return;
  const { tell, paint } = world.terminal;
  const what = describeChange(world, standing, grant);
  // More time on it is asked for in the usual way; it stays what it was.
  const access = request.breakGlass ? describeAccess(grant) : describeGrant(grant);
  const mark = request.breakGlass ? paint.warn('!') : paint.good('✔');
  tell(`${mark} ${what} · ${access} · ${describeEnd(world, grant.expiresAt)}`);
  const less = describeNarrowing(request);
  if (less !== '') tell(`  ${paint.warn('less than you asked for:')} ${less}`);
  tellReviewers(world, request);
  if (request.breakGlass) tellAfterwards(world, request);
}

type Joining = { readonly standing: Standing; readonly asked: Asked };

/** Asking again changes nothing about a request that waits: what was typed now would go nowhere without a word. */
export function tellJoined(world: World, { standing, asked }: Joining): void {
  const { request, isJoined } = standing;
  if (!isJoined || request.state !== 'pending') return;
  const { originally, createdAt, id } = request;
  const before = `you asked for this already ${describePast(world, createdAt)}`;
  const isSame =
    asked.durationSeconds === originally.durationSeconds &&
    asked.reason === request.reason &&
    asked.ticket === request.ticket;
  const rest = `, for ${formatDuration(originally.durationSeconds)}; this adds nothing to it: jit cancel ${id} first, to ask for something else`;
  world.terminal.tell(`${world.terminal.paint.warn('!')} ${before}${isSame ? '' : rest}`);
}

function describeChange(world: World, { request, heldUntil }: Standing, grant: GrantView): string {
  if (heldUntil !== null && grant.expiresAt <= heldUntil) {
    const askedAt = world.clock.now() + request.durationSeconds * SECOND_MS;
    if (!request.extendsGrantId) return 'you hold this already';
    return askedAt > grant.expiresAt
      ? 'it lasts as long as it may already'
      : 'it lasts longer than that already';
  }
  if (request.breakGlass) return 'break-glass';
  return `${request.extendsGrantId ? 'extended' : 'approved'}${describeBy(request)}`;
}

function describeBy(request: RequestView): string {
  const people = listApproving(request);
  if (people.length > 0) return ` by ${people.join(' and ')}`;
  const { outcome, rule } = request.decision ?? {};
  return outcome === 'automatic' && rule ? ` by rule ${rule}` : '';
}

/** What those who approved had to say. */
function tellReviewers(world: World, { decision }: RequestView): void {
  for (const { by, reason } of decision?.reviews ?? []) if (reason) world.terminal.tell(`  ${by}: ${reason}`);
}

/** Break-glass is loud: whoever uses it knows where it was told, who looks, and by when. A channel may still be at it. */
function tellAfterwards(world: World, { told, afterwards }: RequestView): void {
  const where = told.length > 0 ? `told on ${told.join(', ')}` : 'no channel has been notified yet';
  world.terminal.tell(`  ${where}; it waits in the inbox of whoever may review it`);
  if (afterwards)
    world.terminal.tell(`  somebody else must review it ${describeDeadline(world, afterwards.dueAt)}`);
}

/** How a request stands, for people; the exit code for it. */
export function tellStanding(world: World, standing: Standing): number {
  const { request, grant } = standing;
  if (grant) {
    tellGranted(world, standing);
    return 0;
  }
  if (request.state === 'denied') {
    tellDenied(world, request);
    return 3;
  }
  const { tell, paint } = world.terminal;
  const isPending = request.state !== 'approved';
  const word = isPending ? `waiting for ${describeApprovers(request)}` : `approved${describeBy(request)}`;
  const lapses = `lapses ${describeMoment(world, request.claimBy ?? request.lapsesAt)}`;
  tell(`${paint.warn('…')} ${word} · ${describeRequested(request)} · ${lapses}`);
  if (isPending) tellHelp(world, request);
  tell(`  pick it up with ${paint.strong(`jit wait ${request.id}`)}`);
  return 5;
}

/** Tells a person why not, and what would help. */
function tellDenied(world: World, request: RequestView): void {
  const { tell, paint } = world.terminal;
  tell(`${paint.bad('✖')} ${request.id} was denied · ${describeRequested(request)}`);
  if ((request.decision?.reviews.length ?? 0) > 0) tell(`  ${describeDenial(request)}`);
  tellReasons(world, request.decision);
}
