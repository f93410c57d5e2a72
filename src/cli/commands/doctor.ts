import type { Command } from 'commander';
import type { Engineer } from '../../client/engineer.ts';
import type { KnownStatus } from '../../client/status.ts';
import { fail, hasCode, JitError } from '../../core/errors.ts';
import { neutralise } from '../../core/text.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { count } from '../text/count.ts';
import { printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type Finding = {
  readonly check: string;
  readonly isGood: boolean;
  readonly detail: string;
  readonly hint: string;
};
type Check = {
  readonly check: string;
  /** Cannot be looked at before it is known which server. */
  readonly needsServer?: boolean;
  readonly look: () => Promise<string>;
};

/** Less is the time that an answer was under way. */
const NOTICEABLE_SECONDS = 5;

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command).action(async (flags: CommonOptions) => exit(await run(world, flags)));
}

async function run(world: World, flags: CommonOptions): Promise<number> {
  const findings: Finding[] = [];
  const hasServer = await world.findServer(flags).then(
    () => true,
    () => false,
  );
  for (const check of listChecks(world, flags)) {
    if (check.needsServer && !hasServer) continue;
    const finding = await look(check);
    findings.push(finding);
    if (!flags.json) show(world, finding);
  }
  if (flags.json)
    printJson(world, {
      findings: findings.map(({ check, isGood, detail, hint }) => ({ check, ok: isGood, detail, hint })),
    });
  return findings.every((finding) => finding.isGood) ? 0 : 1;
}

/** In the order in which one rests on the other; each is looked at even when an earlier one failed. */
function listChecks(world: World, flags: CommonOptions): readonly Check[] {
  const server = (): Promise<string> => world.findServer(flags);
  return [
    { check: 'jit', look: async () => `${world.version} on Node ${process.versions.node}` },
    { check: 'configuration', look: async () => describeConfig(world) },
    { check: 'server', look: server },
    { check: 'keychain', needsServer: true, look: async () => probeKeychain(world, await server()) },
    { check: 'session', needsServer: true, look: () => describeSession(world, flags) },
    { check: 'clock', needsServer: true, look: () => compareClocks(world, flags) },
    { check: 'secret files', look: async () => describeSecretFiles(world) },
    { check: 'held here', look: () => describeHeld(world) },
  ];
}

async function look({ check, look: find }: Check): Promise<Finding> {
  try {
    return { check, isGood: true, detail: await find(), hint: '' };
  } catch (error) {
    const known = error instanceof JitError ? error : fail('failed', { why: String(error) }, error);
    return { check, isGood: false, detail: known.message, hint: known.hint };
  }
}

function show(world: World, { check, isGood, detail, hint }: Finding): void {
  const { print, paint } = world.terminal;
  print(`${isGood ? paint.good('✔') : paint.bad('✖')} ${check.padEnd(13)} ${neutralise(detail)}`);
  if (hint !== '') print(`                ${paint.dim(neutralise(hint))}`);
}

async function describeConfig(world: World): Promise<string> {
  const { profiles } = await world.readConfig();
  return `${world.folders.config}, ${count(Object.keys(profiles).length, 'profile')}`;
}

async function probeKeychain(world: World, server: string): Promise<string> {
  const keychain = await world.openKeychain(server);
  await keychain.probe();
  return keychain.kind === 'os'
    ? 'the system keychain writes, reads and deletes'
    : 'encrypted files write, read and delete';
}

async function describeSecretFiles(world: World): Promise<string> {
  const { hasSecretFiles, expectsSecretFiles } = world.processes;
  if (hasSecretFiles) return 'passed to children as files that are on no disk';
  const instead = 'jit exec passes PGPASSWORD in the environment instead';
  if (!expectsSecretFiles) return `no /proc here: ${instead}`;
  throw fail('failed', { why: `no file can be written in /dev/shm or /tmp, are they full? ${instead}` });
}

async function describeSession(world: World, flags: CommonOptions): Promise<string> {
  const engineer = await world.connect(flags);
  const person = await engineer.readPerson();
  return `${person.name} on ${engineer.server}`;
}

async function compareClocks(world: World, flags: CommonOptions): Promise<string> {
  const engineer = await world.connect(flags);
  const { asOf, isCurrent } = await readStatus(engineer);
  if (!isCurrent) return 'not compared: the server did not answer';
  const offsetSeconds = Math.round((asOf - world.clock.now()) / SECOND_MS);
  if (Math.abs(offsetSeconds) > NOTICEABLE_SECONDS) throw fail('clock_wrong', { offsetSeconds });
  return 'as the server';
}

/** Nobody logged in has been said already. */
async function readStatus(engineer: Engineer): Promise<KnownStatus> {
  try {
    return await engineer.readStatus();
  } catch (error) {
    if (hasCode(error, 'login_needed', 'session_expired')) return engineer.readOfflineStatus();
    throw error;
  }
}

async function describeHeld(world: World): Promise<string> {
  await world.sweep();
  const { grants, requests } = await world.state.read();
  return `${count(grants.length, 'grant')}, ${count(requests.length, 'open request')}`;
}
