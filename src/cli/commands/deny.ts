import type { Command } from 'commander';
import { encodeRequest } from '../../core/wire/request.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { chooseReview } from '../reviewing/choose-review.ts';
import { tellDossier } from '../reviewing/dossier-text.ts';
import { askReviewReason } from '../reviewing/review-reason.ts';
import { describeAccess, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type DenyFlags = CommonOptions & { readonly reason?: string };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[request]', 'which request: its id, or the last characters of it')
    .option('--reason <text>', 'why; whoever asked reads it')
    .action(async (typed: string | undefined, flags: DenyFlags) => exit(await run(world, typed, flags)));
}

async function run(world: World, typed: string | undefined, flags: DenyFlags): Promise<number> {
  const engineer = await world.connect(flags);
  const id = await chooseReview(world, engineer, { typed, among: 'requests' });
  if (flags.reason === undefined && world.terminal.interactive)
    tellDossier(world, await withLogin(world, engineer, () => engineer.readDossier(id)));
  const reason = flags.reason ?? (await askReviewReason(world, 'Reason for denying (the requester sees it)'));
  const request = await withLogin(world, engineer, () => engineer.deny(id, reason));
  if (flags.json) printJson(world, { request: encodeRequest(request) });
  const { tell, paint } = world.terminal;
  tell(`${paint.good('✔')} denied · ${describeAccess(request)} · ${request.requestedBy} is told why`);
  return 0;
}
