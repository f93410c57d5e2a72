import type { Command } from 'commander';
import type { KnownStatus } from '../../client/status.ts';
import { fail } from '../../core/errors.ts';
import { INTERRUPTED } from '../../core/exit-codes.ts';
import { findIdleEnd } from '../../core/grant.ts';
import type { Cell } from '../../core/table.ts';
import { formatClock, formatInstant } from '../../core/time.ts';
import type { AfterwardsView, GrantView, RequestView } from '../../core/view.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import type { CommandContext } from '../command.ts';
import { tellLeft } from '../giving-back/others-text.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { describeApprovers, describeProgress } from '../reviewing/approvals.ts';
import {
  describeDeadline,
  describeEnd,
  describeEnded,
  describeLingering,
  printJson,
} from '../text/output.ts';
import { formatRecords, type ListRecord } from '../text/records.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type StatusFlags = CommonOptions & { readonly watch?: boolean; readonly offline?: boolean };

/** `isUnasked`: nobody wanted the server asked. */
type Shown = KnownStatus & { readonly isUnasked?: boolean };

const WATCH_MS = 2_000;
const CLEAR = '\u001b[H\u001b[2J';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .option('--watch', 'show it again every two seconds until Ctrl-C')
    .option('--offline', 'never ask the server: for shell prompts')
    .action(async (flags: StatusFlags) => exit(await run(world, flags)));
}

async function run(world: World, flags: StatusFlags): Promise<number> {
  if (flags.watch && flags.json) throw fail('usage', { why: '--json is one document: leave out --watch' });
  const engineer = await world.connect({ ...flags, isUnattended: flags.offline ?? false });
  const read = async (): Promise<Shown> =>
    flags.offline
      ? { ...(await engineer.readOfflineStatus()), isUnasked: true }
      : withLogin(world, engineer, () => engineer.readStatus());
  if (flags.watch) return watch(world, read);
  await show(world, await read(), flags);
  return 0;
}

async function watch(world: World, read: () => Promise<Shown>): Promise<number> {
  const { terminal, interrupt, clock } = world;
  // Each is told of once, and the screen is cleared.
  const gone: KnownStatus[] = [];
  while (!interrupt.signal.aborted) {
    const status = await read();
    if (status.ended || status.left) gone.push(status);
    terminal.print(`${terminal.hasScreen && terminal.animated ? CLEAR : ''}${formatStatus(world, status)}\n`);
    for (const one of gone) tellGone(world, one);
    await clock.sleep(WATCH_MS, interrupt.signal);
  }
  return INTERRUPTED;
}

async function show(world: World, status: Shown, flags: StatusFlags): Promise<void> {
  tellGone(world, status);
  if (flags.json) printJson(world, encodeStatus(status));
  else world.terminal.print(formatStatus(world, status));
}

/** Without a word it would only be gone. */
function tellGone(world: World, { ended = [], left = [] }: KnownStatus): void {
  for (const grant of left) tellLeft(world, grant, `of ${grant.heldBy} was removed from this machine`);
  for (const grant of ended) {
    const what = `${grant.scopes.join(' ')} on ${grant.target} (${grant.id})`;
    world.terminal.tell(`${what} ${describeEnded(world, grant)}`);
  }
}

function encodeStatus(status: KnownStatus): object {
  return {
    as_of: formatInstant(status.asOf),
    requests: status.requests.map(encodeRequest),
    grants: status.grants.map(encodeGrant),
  };
}

function formatStatus(world: World, status: Shown): string {
  // A server of the version before says it of requests alone.
  const breakGlass = new Set(status.requests.filter((one) => one.breakGlass).map((one) => one.grantId));
  const rows = [
    ...status.grants.map((grant) =>
      describeGrantRow(world, { ...grant, breakGlass: grant.breakGlass || breakGlass.has(grant.id) }),
    ),
    ...status.requests.map((request) => describeRequestRow(world, request)),
  ];
  const table = rows.length === 0 ? 'nothing held, nothing pending' : formatRecords(world, { records: rows });
  if (status.isCurrent) return table;
  const asOf = formatClock(status.asOf, { now: world.clock.now(), timeZone: world.timeZone });
  return `${table}\nas of ${asOf}${status.isUnasked ? '' : ': the server was not reached'}`;
}

function describeGrantRow(world: World, grant: GrantView): ListRecord {
  const state = grant.breakGlass
    ? { text: `${grant.state} (break-glass)`, paint: world.terminal.paint.warn }
    : grant.state;
  const cells = [state, grant.target, grant.scopes.join(' ')];
  return { cells, below: [describeGrantEnd(world, grant), grant.id] };
}

/** A revocation that is not finished says so, with what stands in its way. */
function describeGrantEnd(world: World, grant: GrantView): string {
  if (grant.state !== 'revoking') {
    const idleAt = findIdleEnd(grant);
    const end = describeEnd(world, grant.expiresAt);
    return idleAt === null ? end : `${end}, unused ${describeEnd(world, idleAt)}`;
  }
  const { attempts, lastError, lingersUntil } = grant.revocation;
  if (lingersUntil !== undefined) return `token dead, ${describeLingering(world, lingersUntil)}`;
  return lastError
    ? `token dead, target not confirmed after ${attempts} ${attempts === 1 ? 'try' : 'tries'}: ${lastError}`
    : 'token dead, removing';
}

function describeRequestRow(world: World, request: RequestView): ListRecord {
  const { afterwards, state } = request;
  const access = [request.target, request.scopes.join(' ')];
  if (afterwards && state !== 'pending' && state !== 'approved')
    return {
      cells: [describeReviewState(world, afterwards), ...access],
      below: [describeReview(world, afterwards), request.id],
    };
  const waiting = state === 'approved' ? 'claim it with jit wait' : describeWaiting(world, request);
  const end = describeEnd(world, request.claimBy ?? request.lapsesAt);
  const more = request.extendsGrantId === null ? '' : 'more time, ';
  return { cells: [state, ...access], below: [`${more}${waiting}, ${end}`, request.id] };
}

function describeWaiting(world: World, request: RequestView): string {
  const progress = describeProgress(world, request);
  const waiting = `waiting for ${describeApprovers(request)}`;
  return progress === '' ? waiting : `${progress}, ${waiting}`;
}

/** Of break-glass that is to be looked at: overdue, it stands in the way of the next. */
function describeReviewState(world: World, { state }: AfterwardsView): Cell {
  const { bad, warn } = world.terminal.paint;
  return { text: `break-glass, review ${state}`, paint: state === 'overdue' ? bad : warn };
}

function describeReview(world: World, { state, dueAt }: AfterwardsView): string {
  return state === 'overdue'
    ? 'nobody has reviewed it in time: ask somebody who may'
    : `to be reviewed ${describeDeadline(world, dueAt)}`;
}
