import type { Command } from 'commander';
import { formatDuration } from '../../core/duration-text.ts';
import { fail } from '../../core/errors.ts';
import { neutralise } from '../../core/text.ts';
import { formatClock, formatInstant } from '../../core/time.ts';
import type { GrantView, RequestView, StatusView } from '../../core/view.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printJson } from '../text/output.ts';
import { formatRecords } from '../text/records.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type HistoryFlags = CommonOptions & { readonly limit: string; readonly user?: string };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .option('--user <name>', 'of somebody else, where policy lets me read it')
    .option('--limit <count>', 'how many, newest first', '20')
    .action(async (flags: HistoryFlags) => exit(await run(world, flags)));
}

async function run(world: World, flags: HistoryFlags): Promise<number> {
  const limit = /^\d{1,3}$/.test(flags.limit) ? Number(flags.limit) : 0;
  if (limit < 1 || limit > 200)
    throw fail('usage', { why: `--limit is a number from 1 to 200, not "${flags.limit}"` });
  const engineer = await world.connect(flags);
  const history = await withLogin(world, engineer, () => engineer.listHistory(limit, flags.user));
  if (flags.json) printJson(world, encodeHistory(history));
  else world.terminal.print(formatHistory(world, history, flags.user));
  return 0;
}

function encodeHistory(history: StatusView): object {
  return {
    as_of: formatInstant(history.asOf),
    requests: history.requests.map(encodeRequest),
    grants: history.grants.map(encodeGrant),
  };
}

const HEADINGS = {
  cells: ['WHEN', 'OUTCOME', 'TARGET', 'SCOPES', 'FOR', 'DECIDED BY'],
  below: ['REQUEST', 'REASON'],
};

function formatHistory(world: World, history: StatusView, user: string | undefined): string {
  if (history.requests.length === 0)
    // There is no such person, or what they did is none of the reader's business: both look alike.
    return user === undefined
      ? 'nothing asked for yet'
      : `nobody called ${neutralise(user)} has a history that you may see`;
  const grants = new Map(history.grants.map((grant) => [grant.requestId, grant]));
  const records = history.requests.map((request) => ({
    cells: [
      formatClock(request.createdAt, { now: world.clock.now(), timeZone: world.timeZone }),
      describeOutcome(request, grants.get(request.id)),
      request.target,
      request.scopes.join(' '),
      formatDuration(request.durationSeconds),
      describeDecider(request),
    ],
    below: [request.id, request.reason],
  }));
  return formatRecords(world, { headings: HEADINGS, records });
}

function describeOutcome(request: RequestView, grant: GrantView | undefined): string {
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

/** The people who did, else the rule. Who had approved before somebody denied did not decide that. */
function describeDecider({ decision, state }: RequestView): string {
  const reviews = decision?.reviews ?? [];
  const deciding = state === 'denied' ? reviews.filter(({ outcome }) => outcome === 'denied') : reviews;
  const people = [...new Set(deciding.map(({ by }) => by))];
  return people.length > 0 ? people.join(', ') : (decision?.rule ?? '-');
}
