import type { Command } from 'commander';
import type { Engineer } from '../../client/engineer.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { GrantView, StatusView } from '../../core/view.ts';
import { settle } from '../asking/settle.ts';
import { tellJoined, tellStanding } from '../asking/standing.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions, complainOf, readDuration } from '../options.ts';
import { describeEnd, describeGrant, encodeStanding, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type ExtendFlags = CommonOptions & {
  readonly for?: string;
  readonly reason?: string;
  readonly wait: boolean;
};

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[grant]', 'which grant; the only live one where it is missing')
    .option('--for <duration>', 'how long from now')
    .option('--reason <text>', 'why; the reason of the grant where it is missing')
    .option('--no-wait', 'do not wait for people')
    .action(async (id: string | undefined, flags: ExtendFlags) => exit(await run(world, id, flags)));
}

async function run(world: World, id: string | undefined, flags: ExtendFlags): Promise<number> {
  const durationSeconds = readDuration(world, await requireFor(world, flags));
  const engineer = await world.connect(flags);
  const { grant, reason, ticket } = await withLogin(world, engineer, () => findGrant(world, engineer, id));
  const order = {
    asked: {
      scopes: grant.scopes,
      target: grant.target,
      durationSeconds,
      reason: flags.reason ?? reason,
      ticket,
      extendsGrantId: grant.id,
      breakGlass: false,
    },
    idempotencyKey: world.newKey(),
  };
  let standing = await withLogin(world, engineer, () => engineer.request(order));
  const { request, isJoined = false } = standing;
  tellJoined(world, { standing, asked: order.asked });
  if (request.state === 'pending' && flags.wait) {
    standing = await settle(world, engineer, {
      request,
      timeoutSeconds: undefined,
      shouldClaim: true,
      json: flags.json,
    });
  }
  if (flags.json) printJson(world, encodeStanding({ isJoined, ...standing }));
  return tellStanding(world, { ...standing, heldUntil: grant.expiresAt });
}

async function requireFor(world: World, flags: ExtendFlags): Promise<string> {
  if (flags.for !== undefined) return flags.for;
  if (!world.terminal.interactive) throw fail('missing_answer', { what: 'how long', flag: '--for 30m' });
  return world.terminal.input({
    message: 'How much longer, from now',
    initial: '30m',
    complain: (text) => complainOf(() => readDuration(world, text)),
  });
}

type Found = { readonly grant: GrantView; readonly reason: string; readonly ticket: string | null };

/** The grant, with the reason and ticket it was asked for: more time for the same work needs no new ones. */
async function findGrant(world: World, engineer: Engineer, id: string | undefined): Promise<Found> {
  const { grants, requests } = await listMine(engineer);
  const live = grants.filter((grant) => grant.state === 'active' && (id === undefined || grant.id === id));
  const [first] = live;
  if (!first)
    throw fail('no_grant', { why: id ? `${id} is not a live grant of yours` : 'you hold no live grant' });
  const grant = live.length === 1 ? first : await pick(world, live);
  const asked = requests.find((request) => request.id === grant.requestId);
  return { grant, reason: asked?.reason ?? '', ticket: asked?.ticket ?? null };
}

async function pick(world: World, live: readonly GrantView[]): Promise<GrantView> {
  if (!world.terminal.interactive) {
    throw fail('ambiguous', { what: 'live grant', choices: live.map((grant) => grant.id), flag: 'its id' });
  }
  return world.terminal.select({
    message: 'Which grant',
    choices: live.map((grant) => ({
      name: describeGrant(grant),
      value: grant,
      description: describeEnd(world, grant.expiresAt),
    })),
  });
}

/** Where there is no history, what is live is in the status; its reason is nowhere then. */
async function listMine(engineer: Engineer): Promise<Pick<StatusView, 'grants' | 'requests'>> {
  try {
    return await engineer.listHistory(200);
  } catch (error) {
    if (!hasCode(error, 'not_offered')) throw error;
    return engineer.readStatus();
  }
}
