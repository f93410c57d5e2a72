import type { Engineer } from '../../client/engineer.ts';
import { formatDuration } from '../../core/duration-text.ts';
import { fail } from '../../core/errors.ts';
import type { InboxView, RequestView } from '../../core/view.ts';
import { describeAccess } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

export type ReviewChoice = {
  /** What was typed: an id, its last characters, or nothing. */
  readonly typed: string | undefined;
  /** Which part of the inbox is offered where nothing was typed. */
  readonly among: keyof Pick<InboxView, 'requests' | 'afterwards'>;
};

/** Fewer could be a slip of the finger that names somebody's request. */
const FEWEST_CHARACTERS = 4;

/**
 * The request that is meant: the id itself, the only one in the inbox that ends like that, or the one that is picked.
 * What stood in the inbox when it was last looked at is found as well: it has been decided since, and then that is said.
 */
export async function chooseReview(
  world: World,
  engineer: Engineer,
  { typed, among }: ReviewChoice,
): Promise<string> {
  if (typed?.startsWith('req_')) return typed;
  const before = (await world.state.read()).servers[engineer.server]?.inbox ?? [];
  const inbox = await withLogin(world, engineer, () => engineer.readInbox());
  if (typed === undefined) return pick(world, inbox[among]);
  const waiting = [...inbox.requests, ...inbox.afterwards].map(({ id }) => id);
  return findByEnding([waiting, before], typed);
}

/** In the first list that has one. */
function findByEnding(lists: readonly (readonly string[])[], typed: string): string {
  const ending = typed.toLowerCase();
  if (ending.length < FEWEST_CHARACTERS)
    throw fail('usage', {
      why: `"${typed}" is too short: at least the last ${FEWEST_CHARACTERS} characters`,
    });
  const found = lists.map((ids) => ids.filter((id) => id.endsWith(ending))).find((ids) => ids.length > 0);
  const [only, ...others] = found ?? [];
  if (only === undefined)
    throw fail('not_found', {
      what: `request in your inbox that ends in "${typed}"`,
      next: 'jit inbox lists what waits for you',
    });
  if (others.length === 0) return only;
  throw fail('ambiguous', {
    what: 'request',
    choices: [only, ...others],
    flag: 'more of its last characters',
  });
}

async function pick(world: World, waiting: readonly RequestView[]): Promise<string> {
  if (!world.terminal.interactive)
    throw fail('missing_answer', { what: 'the request', flag: 'its id, as jit inbox shows it' });
  if (waiting.length === 0)
    throw fail('not_found', {
      what: 'request that waits for you',
      next: 'the next one shows up by itself in jit inbox',
    });
  return world.terminal.select({
    message: 'Which request',
    choices: waiting.map((request) => ({
      name: `${request.requestedBy} · ${describeAccess(request)} · ${formatDuration(request.durationSeconds)}`,
      value: request.id,
      description: request.reason,
    })),
  });
}
