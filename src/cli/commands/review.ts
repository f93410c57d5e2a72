import type { Command } from 'commander';
import { fail } from '../../core/errors.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { chooseReview } from '../reviewing/choose-review.ts';
import { tellDossier } from '../reviewing/dossier-text.ts';
import { askReviewReason } from '../reviewing/review-reason.ts';
import { describeAccess, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type ReviewFlags = CommonOptions & {
  readonly accept?: boolean;
  readonly object?: boolean;
  readonly reason?: string;
};
type Outcome = 'accepted' | 'objected';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[request]', 'which break-glass: its id, or the last characters of it')
    .option('--accept', 'it was right')
    .option('--object', 'it was not')
    .option('--reason <text>', 'what you looked at, and what you found')
    .action(async (typed: string | undefined, flags: ReviewFlags) => exit(await run(world, typed, flags)));
}

/** Break-glass is over, or soon will be: somebody else says whether it was right. */
async function run(world: World, typed: string | undefined, flags: ReviewFlags): Promise<number> {
  const flagged = readOutcome(flags);
  const engineer = await world.connect(flags);
  const id = await chooseReview(world, engineer, { typed, among: 'afterwards' });
  if (world.terminal.interactive)
    tellDossier(world, await withLogin(world, engineer, () => engineer.readDossier(id)));
  const outcome = flagged ?? (await askOutcome(world));
  const reason = flags.reason ?? (await askReviewReason(world, 'What did you check, and what did you find?'));
  const request = await withLogin(world, engineer, () => engineer.reviewAfterwards(id, { outcome, reason }));
  if (flags.json) printJson(world, { request: encodeRequest(request) });
  const { tell, paint } = world.terminal;
  const mark = outcome === 'accepted' ? paint.good('✔') : paint.bad('✖');
  tell(`${mark} ${outcome} · break-glass by ${request.requestedBy} · ${describeAccess(request)}`);
  return 0;
}

function readOutcome({ accept, object }: ReviewFlags): Outcome | undefined {
  if (accept && object) throw fail('usage', { why: '--accept and --object: it is one or the other' });
  if (accept) return 'accepted';
  return object ? 'objected' : undefined;
}

async function askOutcome(world: World): Promise<Outcome> {
  if (!world.terminal.interactive)
    throw fail('missing_answer', { what: 'what you found', flag: '--accept or --object' });
  return world.terminal.select<Outcome>({
    message: 'Was this break-glass justified?',
    choices: [
      { name: 'accept', value: 'accepted', description: 'an emergency, and used for that' },
      { name: 'object', value: 'objected', description: 'not right: it stands in the record' },
    ],
  });
}
