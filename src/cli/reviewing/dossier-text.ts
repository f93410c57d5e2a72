import { formatDuration } from '../../core/duration-text.ts';
import type { AfterwardsView, DossierView, GrantView, RequestView } from '../../core/view.ts';
import { tellField } from '../text/fields.ts';
import {
  describeAccess,
  describeDeadline,
  describeEnd,
  describeGrant,
  describeMoment,
} from '../text/output.ts';
import type { World } from '../world.ts';
import { describeAgo, describeApprovers, describeNarrowing, describeProgress } from './approvals.ts';

/** So many of what this person asked for before are shown. */
const EARLIER = 3;

/** All that somebody should have read before they decide: who asks what, where, how long, why, and what is unusual. */
export function tellDossier(world: World, dossier: DossierView): void {
  const { request, requester, from } = dossier;
  const { tell, paint } = world.terminal;
  const groups = requester.groups.length > 0 ? ` (${requester.groups.join(', ')})` : '';
  const what = `${request.scopes.join(' ')} on ${request.target} for ${formatDuration(request.durationSeconds)}`;
  tell(paint.strong(what));
  if (request.breakGlass) tell(`  ${paint.bad('BREAK-GLASS: granted before anybody was asked')}`);
  tellField(world, 'who', `${requester.name}${groups}${requester.kind === 'workload' ? ', a workload' : ''}`);
  tellField(world, 'reason', request.reason);
  tellField(world, 'ticket', request.ticket ?? '');
  tellField(world, 'from', `${from.ip}, logged in by ${from.method} ${describeAgo(world, from.loggedInAt)}`);
  tellField(world, 'extends', request.extendsGrantId ?? '');
  for (const unusual of dossier.unusual) tellField(world, 'unusual', `! ${unusual}`);
  tellPolicy(world, dossier);
  tellReviews(world, request);
  tellPast(world, dossier);
  tellField(world, 'request', request.id);
  if (request.state === 'pending') tellField(world, 'lapses', describeMoment(world, request.lapsesAt));
  tellLink(world, request);
  if (dossier.obstacle) tell(`${paint.warn('!')} you cannot decide on it: ${dossier.obstacle}`);
}

function tellPolicy(world: World, { verdicts }: DossierView): void {
  for (const { scope, rules, reasons } of verdicts) {
    const why = reasons.join('; ') || rules.join(', ');
    tellField(world, 'policy', `${verdicts.length > 1 ? `${scope}: ` : ''}${why}`);
  }
}

function tellReviews(world: World, request: RequestView): void {
  if (request.state === 'pending') {
    const progress = describeProgress(world, request);
    const approvers = describeApprovers(request);
    tellField(world, 'needs', progress === '' ? approvers : `${progress}, waiting for ${approvers}`);
  }
  tellField(world, 'less', describeNarrowing(request));
  for (const { by, outcome, reason } of request.decision?.reviews ?? [])
    tellField(world, outcome, reason ? `by ${by}: ${reason}` : `by ${by}`);
  if (request.afterwards) tellField(world, 'review', describeReview(world, request.afterwards));
}

function describeReview(world: World, { state, by, reason, dueAt }: AfterwardsView): string {
  if (by !== null) return `${state} by ${by}: ${reason}`;
  return state === 'overdue' ? 'overdue' : `due ${describeDeadline(world, dueAt)}`;
}

function tellPast(world: World, { earlier, grants }: DossierView): void {
  for (const grant of grants.filter(({ state }) => state !== 'ended'))
    tellField(
      world,
      'holds',
      `${describeGrant(grant)} ${describeEnd(world, grant.expiresAt)}${describeUse(world, grant)}`,
    );
  for (const request of earlier.slice(0, EARLIER))
    tellField(
      world,
      'earlier',
      `${describeAccess(request)}, ${request.state}, ${describeAgo(world, request.createdAt)}`,
    );
  const more = earlier.length - EARLIER;
  if (more > 0) tellField(world, '', `and ${more} more`);
  if (earlier.length === 0) tellField(world, 'earlier', 'no earlier requests');
}

function describeUse(world: World, { lastUsedAt }: GrantView): string {
  return lastUsedAt === null ? '' : `, used ${describeAgo(world, lastUsedAt)}`;
}

function tellLink(world: World, { url }: RequestView): void {
  // Never broken: a link in two lines is none.
  world.terminal.tell(`  ${world.terminal.paint.dim(url)}`);
}
