import type { Command } from 'commander';
import type { Engineer } from '../../client/engineer.ts';
import type { OnUnkept, Standing } from '../../client/request.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { Asked } from '../../core/request.ts';
import { encodeDecision } from '../../core/wire/request.ts';
import { completeAsked } from '../asking/ask.ts';
import { withReason } from '../asking/ask-again.ts';
import { confirmBreakGlass } from '../asking/break-glass.ts';
import { withLast } from '../asking/last.ts';
import { readPlan, tellPlan } from '../asking/plan.ts';
import { settle } from '../asking/settle.ts';
import { tellJoined, tellStanding } from '../asking/standing.ts';
import { tellUnkept } from '../asking/unkept.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions, readDuration } from '../options.ts';
import { encodeStanding, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type RequestFlags = CommonOptions & {
  readonly on?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly ticket?: string;
  readonly wait: boolean;
  readonly timeout?: string;
  readonly dryRun?: boolean;
  readonly breakGlass?: boolean;
  readonly confirm?: string;
  readonly last?: boolean;
};

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[scope...]', 'what for, as in prod:db.read')
    .option('--on <target>', 'the system it is for')
    .option('--for <duration>', '30m, 2h45m, "until 17:30"; the usual time where it is missing')
    .option('--reason <text>', 'why, for policy and for reviewers')
    .option('--ticket <id>', 'the ticket it belongs to')
    .option('--no-wait', 'do not wait for people: exit 5, and jit wait picks it up')
    .option('--timeout <duration>', 'wait for people at most this long')
    .option('--last', 'ask for what jit credential wanted and did not find')
    .option('--dry-run', 'only say what policy would answer: exit 0, 5 or 3')
    .option('--break-glass', 'an emergency: granted at once where policy allows, reviewed afterwards')
    .option('--confirm <target>', 'with --break-glass where nobody can type it: the name of the target')
    .action(async (scopes: string[], flags: RequestFlags) => exit(await run(world, scopes, flags)));
}

async function run(world: World, named: readonly string[], typed: RequestFlags): Promise<number> {
  const timeoutSeconds = typed.timeout === undefined ? undefined : readDuration(world, typed.timeout);
  const engineer = await world.connect(typed);
  const { scopes, ...flags } = await withLast(world, engineer, { ...typed, scopes: named });
  const asked = await withLogin(world, engineer, () => ask(world, engineer, { ...flags, scopes }));
  if (flags.dryRun) return dryRun(world, engineer, { asked, json: flags.json ?? false });
  const planned = await confirm(world, engineer, { asked, flags, scopes });
  if (!planned) return 3;
  const standing = await submit(world, engineer, planned);
  tellJoined(world, { standing, asked: planned });
  return finish(world, engineer, { standing, flags, timeoutSeconds });
}

/** The catalogue is only asked for where something is missing; the server checks everything anyway. */
async function ask(
  world: World,
  engineer: Engineer,
  flags: RequestFlags & { readonly scopes: readonly string[] },
): Promise<Asked> {
  const { scopes, on, reason, ticket, breakGlass } = flags;
  if (flags.for !== undefined) readDuration(world, flags.for);
  if (scopes.length > 0 && on !== undefined && flags.for !== undefined && reason !== undefined) {
    return {
      scopes,
      target: on,
      durationSeconds: readDuration(world, flags.for),
      reason,
      ticket: ticket ?? null,
      extendsGrantId: null,
      breakGlass: breakGlass ?? false,
    };
  }
  return completeAsked(world, flags, await engineer.listScopes());
}

type Confirming = {
  readonly asked: Asked;
  readonly flags: RequestFlags;
  readonly scopes: readonly string[];
};

/** What is to be sent, once it is meant; undefined where policy would say no: there is nothing to send then. */
async function confirm(
  world: World,
  engineer: Engineer,
  { asked, flags, scopes }: Confirming,
): Promise<Asked | undefined> {
  const isPlanWanted = scopes.length === 0 || (asked.breakGlass && world.terminal.interactive);
  const planned = isPlanWanted ? await showPlan(world, engineer, asked) : asked;
  if (!planned) return undefined;
  if (planned.breakGlass) await confirmBreakGlass(world, planned, flags.confirm);
  else if (isPlanWanted && !(await world.terminal.confirm('Send this request?', { fallback: true })))
    throw fail('interrupted', { why: 'nothing was asked for' });
  return planned;
}

async function showPlan(world: World, engineer: Engineer, asked: Asked): Promise<Asked | undefined> {
  const { asked: planned, result } = await withReason(world, asked, (asking) =>
    readPlan(world, engineer, asking),
  );
  tellPlan(world, planned, result);
  return result.decision.outcome === 'denied' ? undefined : planned;
}

async function dryRun(
  world: World,
  engineer: Engineer,
  { asked, json }: { readonly asked: Asked; readonly json: boolean },
): Promise<number> {
  const plan = await readPlan(world, engineer, asked);
  if (json) printJson(world, { decision: encodeDecision(plan.decision), can_approve: plan.canApprove });
  return tellPlan(world, asked, plan);
}

async function submit(world: World, engineer: Engineer, asked: Asked): Promise<Standing> {
  const { result } = await withReason(world, asked, (asking) => submitOnce(world, engineer, asking));
  return result;
}

/** One key for all attempts, so that a request whose answer was lost is found and not made twice. */
async function submitOnce(world: World, engineer: Engineer, asked: Asked): Promise<Standing> {
  let isTold = false;
  const onUnkept: OnUnkept = (unkept) => {
    isTold = true;
    return tellUnkept(world, unkept);
  };
  const order = { asked, idempotencyKey: world.newKey(), onUnkept };
  try {
    return await withLogin(world, engineer, () => engineer.request(order));
  } catch (error) {
    // An OAuth provider alone keeps no request: what got no answer has to be asked again.
    const isOpen =
      !engineer.asksApart && !isTold && hasCode(error, 'unreachable', 'bad_answer', 'clock_wrong');
    if (isOpen) world.terminal.tell('if the request got through, jit wait picks it up');
    throw error;
  }
}

type Finishing = {
  readonly standing: Standing;
  readonly flags: RequestFlags;
  readonly timeoutSeconds: number | undefined;
};

async function finish(
  world: World,
  engineer: Engineer,
  { standing, flags, timeoutSeconds }: Finishing,
): Promise<number> {
  const { request } = standing;
  const settled =
    request.state === 'pending' && flags.wait
      ? await settle(world, engineer, { request, timeoutSeconds, shouldClaim: true, json: flags.json })
      : standing;
  // A command that asked for the same must not take it away when it ends.
  if (settled.held?.isLent) await engineer.keepForGood(settled.held);
  if (flags.json) printJson(world, encodeStanding({ ...standing, ...settled }));
  return tellStanding(world, settled);
}
