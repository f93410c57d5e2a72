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
  /** Which part of the inbox it is about. */
  readonly among: keyof Pick<InboxView, 'requests' | 'afterwards'>;
};

/** Fewer could be a slip of the finger that names somebody's request. */
const FEWEST_CHARACTERS = 4;

/** The request that is meant: the id itself, the only one in the inbox that ends like that, or the one that is picked. */
export async function chooseReview(
  world: World,
  engineer: Engineer,
  { typed, among }: ReviewChoice,
): Promise<string> {
  if (typed?.startsWith('req_')) return typed;
  const inbox = await withLogin(world, engineer, () => engineer.readInbox());
  const waiting = inbox[among];
  return typed === undefined ? pick(world, waiting) : findByEnding(waiting, typed);
}

function findByEnding(waiting: readonly RequestView[], typed: string): string {
  const ending = typed.toLowerCase();
  if (ending.length < FEWEST_CHARACTERS)
    throw fail('usage', {
      why: `"${typed}" is too short: at least the last ${FEWEST_CHARACTERS} characters`,
    });
  const found = waiting.filter((request) => request.id.endsWith(ending));
  const [only] = found;
  if (!only) throw fail('not_found', { what: `request in your inbox that ends in "${typed}"` });
  if (found.length === 1) return only.id;
  const choices = found.map((request) => request.id);
  throw fail('ambiguous', { what: 'request', choices, flag: 'more of its last characters' });
}

async function pick(world: World, waiting: readonly RequestView[]): Promise<string> {
  if (!world.terminal.interactive)
    throw fail('missing_answer', { what: 'the request', flag: 'its id, as jit inbox shows it' });
  if (waiting.length === 0) throw fail('not_found', { what: 'request that waits for you' });
  return world.terminal.select({
    message: 'Which request',
    choices: waiting.map((request) => ({
      name: `${request.requestedBy} · ${describeAccess(request)} · ${formatDuration(request.durationSeconds)}`,
      value: request.id,
      description: request.reason,
    })),
  });
}
