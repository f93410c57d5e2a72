import type { Standing } from '../../client/request.ts';
import { formatDuration } from '../../core/duration-text.ts';
import { type Cell, formatTable } from '../../core/table.ts';
import { formatJson } from '../../core/text.ts';
import { formatClock, formatInstant, type Instant, SECOND_MS } from '../../core/time.ts';
import type { DecisionView, GrantView, PersonView, RequestView } from '../../core/view.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import type { World } from '../world.ts';

/** Aligned rows on stdout; cut to the terminal's width where a person looks at it. */
export function formatRows(world: World, rows: readonly (readonly Cell[])[]): string {
  const { hasScreen, columns } = world.terminal;
  return formatTable(rows, hasScreen ? { columns } : {}).join('\n');
}

/** One document on stdout. */
export function printJson(world: World, document: unknown): void {
  world.terminal.print(formatJson(document, 2));
}

/** `{"request": …, "grant": … or null}`: the answer of `request`, `wait` and `extend`. `joined` where it was asked before. */
export function encodeStanding(standing: Pick<Standing, 'request' | 'grant' | 'isJoined'>): object {
  return {
    request: encodeRequest(standing.request),
    grant: standing.grant ? encodeGrant(standing.grant) : null,
    ...(standing.isJoined ? { joined: true } : {}),
  };
}

/** A person as `login` and `whoami` print them. */
export function encodePerson(person: PersonView): object {
  return { ...person, login: { method: person.login.method, at: formatInstant(person.login.at) } };
}

/** `until 14:32 (30 min)`: the absolute end first, then how long that is. */
export function describeEnd(world: World, endsAt: Instant): string {
  return `until ${describeClock(world, endsAt)}`;
}

/** `at 14:32 (30 min)`, `tomorrow at 14:32 (1 d)`: when something will happen. */
export function describeMoment(world: World, at: Instant): string {
  return describeClock(world, at).replace(/(?=\d\d:\d\d )/, 'at ');
}

/** `by tomorrow 14:32 (1 d)`: until when something must have happened. */
export function describeDeadline(world: World, at: Instant): string {
  return `by ${describeClock(world, at)}`;
}

/** Of what was given out and cannot be taken back: when it ends by itself, and what does not. */
export function describeLingering(world: World, until: Instant): string {
  return `no new connection after ${describeClock(world, until)}; what is open stays`;
}

/** `at 14:32`, `2026-11-20 at 14:32`: when something happened. */
export function describePast(world: World, at: Instant): string {
  const clock = formatClock(at, { now: world.clock.now(), timeZone: world.timeZone });
  return clock.replace(/(?=\d\d:\d\d)/, 'at ');
}

/** `was revoked by dba-lead at 14:49`: how a grant ended before its time. */
export function describeEnded(world: World, grant: GrantView): string {
  const { endedBecause, endedBy, endedAt, idleSeconds = 0 } = grant;
  const at = endedAt === null ? '' : ` ${describePast(world, endedAt)}`;
  if (endedBy !== undefined) return `was revoked by ${endedBy}${at}`;
  if (endedBecause === 'revoked') return `was revoked${at}`;
  if (endedBecause === 'done') return `was given back${at}`;
  if (endedBecause === 'idle') return `has ended: nobody used it for ${formatDuration(idleSeconds)}`;
  return `has ended${at} (${endedBecause ?? grant.state})`;
}

function describeClock(world: World, at: Instant): string {
  const now = world.clock.now();
  const clock = formatClock(at, { now, timeZone: world.timeZone });
  return `${clock} (${formatDuration(roundSeconds((at - now) / SECOND_MS))})`;
}

/** Over two minutes nobody counts seconds. */
function roundSeconds(seconds: number): number {
  return seconds > 120 ? Math.round(seconds / 60) * 60 : seconds;
}

/** `orders · prod:db.read`: where and what. */
export function describeAccess(view: Pick<RequestView, 'scopes' | 'target'>): string {
  return `${view.target} · ${view.scopes.join(' ')}`;
}

/** As `describeAccess`, and `more time on …` where it is held already. */
export function describeRequested(view: Pick<RequestView, 'scopes' | 'target' | 'extendsGrantId'>): string {
  return `${view.extendsGrantId === null ? '' : 'more time on '}${describeAccess(view)}`;
}

/** `orders · prod:db.read`, and ` · break-glass` where nobody was asked before. */
export function describeGrant(grant: Pick<GrantView, 'scopes' | 'target' | 'breakGlass'>): string {
  return `${describeAccess(grant)}${grant.breakGlass ? ' · break-glass' : ''}`;
}

/** The policy's reasons and advice, a line each. */
export function tellReasons(world: World, decision: Pick<DecisionView, 'reasons' | 'advice'> | null): void {
  for (const reason of decision?.reasons ?? []) world.terminal.tell(`  ${reason}`);
  for (const advice of decision?.advice ?? []) world.terminal.tell(`  ${world.terminal.paint.dim(advice)}`);
}
