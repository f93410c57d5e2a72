import type { Engineer } from '../../client/engineer.ts';
import { describeDenial } from '../../core/denial.ts';
import { formatDuration } from '../../core/duration-text.ts';
import { fail, hasCode } from '../../core/errors.ts';
import { MOST_HISTORY_ROWS } from '../../core/limits.ts';
import { neutralise } from '../../core/text.ts';
import { formatClock, formatInstant } from '../../core/time.ts';
import type { RequestView, StatusView } from '../../core/view.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import type { CommandContext } from '../command.ts';
import { type Command, Option } from '../commander.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { encodeStanding, printJson } from '../text/output.ts';
import { describeOutcome, type Past, tellPastRequest } from '../text/past-request.ts';
import { formatRecords } from '../text/records.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type HistoryFlags = CommonOptions & { readonly limit: string; readonly user?: string };

/** As in the inbox: fewer could be a slip of the finger that names another one. */
const FEWEST_CHARACTERS = 4;

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[request]', 'only this one, and why it was decided so: its id, or its last characters')
    .option('--user <name>', 'of somebody else, where policy lets me read it')
    .addOption(new Option('--limit <count>', 'how many, newest first').default('20', '20'))
    .action(async (typed: string | undefined, flags: HistoryFlags) => exit(await run(world, typed, flags)));
}

async function run(world: World, typed: string | undefined, flags: HistoryFlags): Promise<number> {
  const limit = /^\d{1,3}$/.test(flags.limit) ? Number(flags.limit) : 0;
  if (limit < 1 || limit > MOST_HISTORY_ROWS)
    throw fail('usage', { why: `--limit is a number from 1 to ${MOST_HISTORY_ROWS}, not "${flags.limit}"` });
  const engineer = await world.connect(flags);
  if (typed !== undefined) return showOne(world, engineer, { typed, flags });
  const history = await withLogin(world, engineer, () => engineer.listHistory(limit, flags.user));
  if (flags.json) printJson(world, encodeHistory(history));
  else world.terminal.print(formatHistory(world, history, flags.user));
  return 0;
}

async function showOne(
  world: World,
  engineer: Engineer,
  { typed, flags }: { readonly typed: string; readonly flags: HistoryFlags },
): Promise<number> {
  const past = await withLogin(world, engineer, () => readOne(engineer, typed, flags.user));
  if (flags.json) printJson(world, encodeStanding({ ...past, grant: past.grant ?? null }));
  else tellPastRequest(world, past);
  return 0;
}

/** The request that is meant, and the grant that came of it as far as one may see it. */
async function readOne(engineer: Engineer, typed: string, user: string | undefined): Promise<Past> {
  const request = typed.startsWith('req_')
    ? await engineer.readRequest(typed)
    : findByEnding(await engineer.listHistory(MOST_HISTORY_ROWS, user), typed);
  if (request.grantId === null) return { request, grant: undefined };
  const grant = await engineer.readGrant(request.grantId).catch((error: unknown) => {
    if (hasCode(error, 'not_found')) return undefined;
    throw error;
  });
  return { request, grant };
}

function findByEnding({ requests }: StatusView, typed: string): RequestView {
  const ending = typed.toLowerCase();
  if (ending.length < FEWEST_CHARACTERS)
    throw fail('usage', {
      why: `"${typed}" is too short: at least the last ${FEWEST_CHARACTERS} characters`,
    });
  const [only, ...others] = requests.filter(({ id }) => id.endsWith(ending));
  if (!only) throw fail('not_found', { what: `request in the history that ends in "${typed}"` });
  if (others.length === 0) return only;
  throw fail('ambiguous', {
    what: 'request',
    choices: [only, ...others].map(({ id }) => id),
    flag: 'more of its last characters',
  });
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
  const hasDenied = history.requests.some(({ state }) => state === 'denied');
  const records = history.requests.map((request) => ({
    cells: [
      formatClock(request.createdAt, { now: world.clock.now(), timeZone: world.timeZone }),
      describeOutcome(request, grants.get(request.id)),
      request.target,
      request.scopes.join(' '),
      formatDuration(request.durationSeconds),
      describeDecider(request),
    ],
    below: [request.id, request.reason, ...(hasDenied ? [describeNo(request)] : [])],
  }));
  const below = [...HEADINGS.below, ...(hasDenied ? ['WHY NOT'] : [])];
  return formatRecords(world, { headings: { ...HEADINGS, below }, records });
}

function describeNo(request: RequestView): string {
  return request.state === 'denied' ? describeDenial(request) : '';
}

/** The people who did, else the rule. Who had approved before somebody denied did not decide that. */
function describeDecider({ decision, state }: RequestView): string {
  const reviews = decision?.reviews ?? [];
  const deciding = state === 'denied' ? reviews.filter(({ outcome }) => outcome === 'denied') : reviews;
  const people = [...new Set(deciding.map(({ by }) => by))];
  return people.length > 0 ? people.join(', ') : (decision?.rule ?? '-');
}
