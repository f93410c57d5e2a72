import type { Command } from 'commander';
import { settle } from '../asking/settle.ts';
import { tellStanding } from '../asking/standing.ts';
import { chooseWaitable } from '../choose.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions, readDuration } from '../options.ts';
import { encodeStanding, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type WaitFlags = CommonOptions & { readonly timeout?: string; readonly claim: boolean };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[request]', 'which request; the only open one where it is missing')
    .option('--timeout <duration>', 'wait at most this long')
    .option('--no-claim', 'stop at the decision')
    .action(async (id: string | undefined, flags: WaitFlags) => exit(await run(world, id, flags)));
}

async function run(world: World, id: string | undefined, flags: WaitFlags): Promise<number> {
  const timeoutSeconds = flags.timeout === undefined ? undefined : readDuration(world, flags.timeout);
  const engineer = await world.connect(flags);
  const requestId = id ?? (await withLogin(world, engineer, () => chooseWaitable(world, engineer)));
  const order = { request: requestId, timeoutSeconds, shouldClaim: flags.claim, json: flags.json };
  const standing = await settle(world, engineer, order);
  // A command that asked for the same must not take it away when it ends.
  if (standing.held?.isLent) await engineer.keepForGood(standing.held);
  if (flags.json) printJson(world, encodeStanding(standing));
  tellStanding(world, standing);
  return 0;
}
