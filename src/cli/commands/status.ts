import type { Command } from 'commander';
import type { Engineer } from '../../client/engineer.ts';
import type { KnownStatus } from '../../client/status.ts';
import { fail } from '../../core/errors.ts';
import { formatClock, formatInstant } from '../../core/time.ts';
import type { GrantView, RequestView } from '../../core/view.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { describeApprovers, describeEnd, formatRows, printJson } from '../output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type StatusFlags = CommonOptions & { readonly watch?: boolean; readonly offline?: boolean };

const WATCH_MS = 2_000;
const INTERRUPTED = 130;
const CLEAR = '\u001b[H\u001b[2J';

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .option('--watch', 'show it again every two seconds until Ctrl-C')
    .option('--offline', 'never ask the server: for shell prompts')
    .action(async (flags: StatusFlags) => exit(await run(world, flags)));
}

async function run(world: World, flags: StatusFlags): Promise<number> {
  if (flags.watch && flags.json) throw fail('usage', { why: '--json is one document: leave out --watch' });
  const engineer = await world.connect(flags);
  const read = (): Promise<KnownStatus> =>
    flags.offline ? engineer.readOfflineStatus() : withLogin(world, engineer, () => engineer.readStatus());
  if (flags.watch) return watch(world, read);
  await show(world, await read(), flags);
  return 0;
}

async function watch(
  world: World,
  read: () => Promise<Awaited<ReturnType<Engineer['readStatus']>>>,
): Promise<number> {
  const { terminal, interrupt, clock } = world;
  while (!interrupt.signal.aborted) {
    const status = await read();
    terminal.print(`${terminal.interactive ? CLEAR : ''}${formatStatus(world, status)}\n`);
    await clock.sleep(WATCH_MS, interrupt.signal);
  }
  return INTERRUPTED;
}

async function show(world: World, status: KnownStatus, flags: StatusFlags): Promise<void> {
  if (flags.json) printJson(world, encodeStatus(status));
  else world.terminal.print(formatStatus(world, status));
}

function encodeStatus(status: KnownStatus): object {
  return {
    as_of: formatInstant(status.asOf),
    requests: status.requests.map(encodeRequest),
    grants: status.grants.map(encodeGrant),
  };
}

function formatStatus(world: World, status: KnownStatus): string {
  const rows = [
    ...status.grants.map((grant) => describeGrantRow(world, grant)),
    ...status.requests.map((request) => describeRequestRow(world, request)),
  ];
  const table = rows.length === 0 ? 'nothing held, nothing pending' : formatRows(world, rows);
  if (status.isCurrent) return table;
  const asOf = formatClock(status.asOf, { now: world.clock.now(), timeZone: world.timeZone });
  return `${table}\nas of ${asOf}`;
}

function describeGrantRow(world: World, grant: GrantView): readonly string[] {
  return [grant.state, grant.target, grant.scopes.join(' '), describeGrantEnd(world, grant), grant.id];
}

/** A revocation that is not finished says so, with what stands in its way. */
function describeGrantEnd(world: World, grant: GrantView): string {
  if (grant.state !== 'revoking') return describeEnd(world, grant.expiresAt);
  const { attempts, lastError } = grant.revocation;
  return lastError
    ? `token dead, target not confirmed after ${attempts} ${attempts === 1 ? 'try' : 'tries'}: ${lastError}`
    : 'token dead, removing';
}

function describeRequestRow(world: World, request: RequestView): readonly string[] {
  const waiting =
    request.state === 'approved' ? 'claim it with jit wait' : `waiting for ${describeApprovers(request)}`;
  const end = describeEnd(world, request.claimBy ?? request.lapsesAt);
  return [request.state, request.target, request.scopes.join(' '), `${waiting}, ${end}`, request.id];
}
