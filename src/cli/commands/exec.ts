import type { Command } from 'commander';
import type { Engineer } from '../../client/engineer.ts';
import { fail, hasCode } from '../../core/errors.ts';
import { NOT_RUN } from '../../core/exit-codes.ts';
import type { HeldGrant } from '../../core/ports/local-state.ts';
import { completeAsked } from '../asking/ask.ts';
import { settle } from '../asking/settle.ts';
import { tellGranted, tellJoined } from '../asking/standing.ts';
import { giveBackUnkept } from '../asking/unkept.ts';
import { chooseHeld } from '../choose.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { reportError } from '../report-error.ts';
import { describeEnded, describeMoment } from '../text/output.ts';
import { prepareSsh } from '../using/prepare-ssh.ts';
import { usingGrant, warn } from '../using/using-grant.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type ExecFlags = CommonOptions & {
  readonly scope?: string;
  readonly on?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly ticket?: string;
  readonly keep?: boolean;
};

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('<command...>', 'what to run, after --')
    .option('--scope <scope>', 'the grant that has this scope')
    .option('--on <target>', 'the grant on this target')
    .option('--for <duration>', 'ask for it first, and give it back when the command ends')
    .option('--reason <text>', 'why, with --for')
    .option('--ticket <id>', 'the ticket it belongs to, with --for')
    .option('--keep', 'with --for: do not give it back when the command ends')
    .passThroughOptions()
    .action(async (words: string[], flags: ExecFlags) => exit(await run(world, words, flags)));
}

async function run(world: World, words: readonly string[], flags: ExecFlags): Promise<number> {
  try {
    return await obtainAndRun(world, words, flags);
  } catch (error) {
    const code = reportError(world, error, { json: flags.json ?? false, command: 'exec' });
    return hasCode(error, 'child_not_found', 'child_not_runnable', 'interrupted') ? code : NOT_RUN;
  }
}

async function obtainAndRun(world: World, words: readonly string[], flags: ExecFlags): Promise<number> {
  const engineer = await world.connect(flags);
  const attempt = async () =>
    runWith(world, engineer, { ...(await obtain(world, engineer, flags)), words, flags });
  try {
    return await attempt();
  } catch (error) {
    // The command that used it last has just given it back: what was asked for is asked for anew, once.
    if (flags.for === undefined || !hasCode(error, 'no_grant')) throw error;
    return attempt();
  }
}

type Run = {
  readonly held: HeldGrant;
  readonly words: readonly string[];
  readonly flags: ExecFlags;
  /** Asked for with this command and by nobody before. */
  readonly isLent: boolean;
};

async function runWith(
  world: World,
  engineer: Engineer,
  { held, words, flags, isLent }: Run,
): Promise<number> {
  const [command = '', ...args] = words;
  return usingGrant(world, engineer, {
    held,
    isLent,
    action: async () => {
      await prepareSsh(world, held, flags);
      return engineer.exec({
        held,
        command,
        args,
        signal: world.interrupt.signal,
        onWarning: (endsAt) =>
          warn(world, `access ends ${describeMoment(world, endsAt)}; jit extend --for 30m asks for more`),
        onExposed: (variable) =>
          warn(
            world,
            `no file could be written for the secret: it is in the environment, as ${variable}; jit doctor says more`,
          ),
        onEnd: () => warn(world, 'access has ended; the command is being stopped'),
        onEnded: (grant) => warn(world, `this access ${describeEnded(world, grant)}`),
      });
    },
  });
}

type Obtained = Pick<Run, 'held' | 'isLent'>;

/** The grant to use: with `--for` asked for now, else the one that is held here. */
async function obtain(world: World, engineer: Engineer, flags: ExecFlags): Promise<Obtained> {
  if (flags.for === undefined) {
    const wanted = { scope: flags.scope, target: flags.on };
    const fitting = await engineer.findFitting(wanted);
    return { held: await chooseHeld(world, { fitting, wanted, listHeld: engineer.listHeld }), isLent: false };
  }
  const scopes = flags.scope === undefined ? [] : [flags.scope];
  const asked = await withLogin(world, engineer, async () =>
    completeAsked(world, { ...flags, scopes, scopeFlag: '--scope' }, await engineer.listScopes()),
  );
  let isJoined = false;
  const onUnkept = giveBackUnkept(world, engineer, () => !isJoined && !flags.keep);
  const order = { asked, idempotencyKey: world.newKey(), onUnkept };
  let standing = await withLogin(world, engineer, () => engineer.request(order));
  isJoined = standing.isJoined ?? false;
  tellJoined(world, { standing, asked });
  if (standing.request.state === 'pending') {
    standing = await settle(world, engineer, {
      request: standing.request,
      timeoutSeconds: undefined,
      shouldClaim: true,
      json: flags.json,
      onUnkept,
    });
  }
  const { request, held, heldUntil } = standing;
  if (!held)
    throw fail('denied', {
      id: request.id,
      why: request.decision?.reasons.join('; ') || 'no rule allows it',
    });
  tellGranted(world, standing);
  // What was held before, or asked for by another command, may be in use elsewhere.
  const isOwn = !isJoined && heldUntil === null && request.extendsGrantId === null;
  if (flags.keep) await engineer.keepForGood(held);
  else if (!isOwn && !held.isLent) tellStays(world);
  return { held, isLent: isOwn && !flags.keep };
}

function tellStays(world: World): void {
  world.terminal.tell('  it was asked for before, and stays when the command ends; jit done gives it back');
}
