import type { Command } from 'commander';
import type { Engineer } from '../../client/engineer.ts';
import type { Standing } from '../../client/request.ts';
import { formatDuration } from '../../core/duration-text.ts';
import { fail } from '../../core/errors.ts';
import type { Asked } from '../../core/request.ts';
import type { DecisionView } from '../../core/view.ts';
import { encodeDecision } from '../../core/wire/request.ts';
import { completeAsked } from '../ask.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions, readDuration } from '../options.ts';
import { encodeStanding, printJson, tellDenied, tellGranted, tellReasons } from '../output.ts';
import { settle } from '../settle.ts';
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
    .option('--dry-run', 'only say what policy would answer: exit 0, 5 or 3')
    .option(
      '--break-glass',
      'an emergency: granted at once where policy allows, told to everyone, reviewed afterwards',
    )
    .action(async (scopes: string[], flags: RequestFlags) => exit(await run(world, scopes, flags)));
}

async function run(world: World, scopes: readonly string[], flags: RequestFlags): Promise<number> {
  const timeoutSeconds = flags.timeout === undefined ? undefined : readDuration(world, flags.timeout);
  const engineer = await world.connect(flags);
  const asked = await withLogin(world, engineer, () => ask(world, engineer, { ...flags, scopes }));
  if (flags.dryRun) return dryRun(world, engineer, { asked, json: flags.json ?? false });
  if (scopes.length === 0) await confirmPlan(world, engineer, asked);
  const order = { asked, idempotencyKey: world.newKey() };
  const standing = await withLogin(world, engineer, () => engineer.request(order));
  return finish(world, engineer, { standing, flags, timeoutSeconds });
}

/** The catalogue is only asked for where something is missing; the server checks everything anyway. */
async function ask(
  world: World,
  engineer: Engineer,
  flags: RequestFlags & { readonly scopes: readonly string[] },
): Promise<Asked> {
  const { scopes, on, reason, ticket, breakGlass } = flags;
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
  if (flags.for !== undefined) readDuration(world, flags.for);
  return completeAsked(world, flags, await engineer.listScopes());
}

async function confirmPlan(world: World, engineer: Engineer, asked: Asked): Promise<void> {
  const { decision } = await engineer.preview(asked);
  tellPlan(world, asked, decision);
  if (decision.outcome === 'denied') return;
  const isMeant = await world.terminal.confirm('Send this request?', { fallback: true });
  if (!isMeant) throw fail('interrupted', { why: 'nothing was asked for' });
}

async function dryRun(
  world: World,
  engineer: Engineer,
  { asked, json }: { readonly asked: Asked; readonly json: boolean },
): Promise<number> {
  const { decision, canApprove } = await withLogin(world, engineer, () => engineer.preview(asked));
  if (json) printJson(world, { decision: encodeDecision(decision), can_approve: canApprove });
  else tellPlan(world, asked, decision);
  return { automatic: 0, needs_people: 5, denied: 3 }[decision.outcome];
}

const ANSWERS: Readonly<Record<DecisionView['outcome'], string>> = {
  automatic: 'would be granted at once',
  needs_people: 'people decide',
  denied: 'would be denied',
};

function tellPlan(world: World, asked: Asked, decision: DecisionView): void {
  const { tell, paint } = world.terminal;
  tell(
    `  plan     ${asked.scopes.join(' ')} on ${asked.target} for ${formatDuration(asked.durationSeconds)}`,
  );
  tell(
    `  policy   ${paint.strong(ANSWERS[decision.outcome])}${decision.rule ? ` by rule ${decision.rule}` : ''}`,
  );
  tellReasons(world, decision);
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
  if (standing.request.state === 'pending' && flags.wait) {
    const requestId = standing.request.id;
    const settled = await settle(world, engineer, { requestId, timeoutSeconds, shouldClaim: true });
    return tell(world, settled, flags);
  }
  return tell(world, standing, flags);
}

function tell(world: World, standing: Standing, flags: CommonOptions): number {
  const { request, grant } = standing;
  if (flags.json) printJson(world, encodeStanding(standing));
  if (grant) tellGranted(world, request, grant);
  else if (request.state === 'denied') tellDenied(world, request);
  else tellPending(world, request.id);
  return grant ? 0 : request.state === 'denied' ? 3 : 5;
}

function tellPending(world: World, id: string): void {
  const { tell, paint } = world.terminal;
  tell(`${paint.warn('…')} ${id} is pending; ${paint.strong(`jit wait ${id}`)} picks it up`);
}
