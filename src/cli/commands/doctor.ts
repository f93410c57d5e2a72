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
/** What other checks rest on. */
type Ground = 'address' | 'server' | 'keychain';
type Check = {
  readonly check: string;
  readonly restsOn?: readonly Ground[];
  /** What is good, or why it could not be looked at. */
  readonly look: () => Promise<string | NotChecked>;
};
type NotChecked = { readonly notChecked: string };

/** Less is the time that an answer was under way. */
const NOTICEABLE_SECONDS = 5;

const GROUNDS: Readonly<Record<Ground, string>> = {
  address: 'no server is known',
  server: 'the server did not answer',
  keychain: 'the keychain cannot be used',
};

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command).action(async (flags: CommonOptions) => exit(await run(world, flags)));
}

async function run(world: World, flags: CommonOptions): Promise<number> {
  const findings: Finding[] = [];
  const lost = new Set<string>();
  await world.findServer(flags).catch(() => lost.add('address'));
  for (const check of listChecks(world, flags)) {
    const missing = check.restsOn?.find((ground) => lost.has(ground));
    const found = missing ? { notChecked: GROUNDS[missing] } : await look(check);
    if ('notChecked' in found) {
      if (!flags.json) showNotChecked(world, check, found);
      continue;
    }
    if (!found.isGood) lost.add(check.check);
    findings.push(found);
    if (!flags.json) show(world, found);
  }
  if (flags.json)
    printJson(world, {
      findings: findings.map(({ check, isGood, detail, hint }) => ({ check, ok: isGood, detail, hint })),
    });
  return findings.every((finding) => finding.isGood) ? 0 : 1;
}

/** In the order in which one rests on the other: what rests on something that failed is not blamed for it. */
function listChecks(world: World, flags: CommonOptions): readonly Check[] {
  const online = ['address', 'server', 'keychain'] as const;
  return [
    { check: 'jit', look: async () => `${world.version} on Node ${process.versions.node}` },
    { check: 'configuration', look: async () => describeConfig(world) },
    { check: 'server', look: () => world.reachServer(flags) },
    {
      check: 'keychain',
      restsOn: ['address'],
      look: async () => probeKeychain(world, await world.findServer(flags)),
    },
    { check: 'session', restsOn: online, look: () => describeSession(world, flags) },
    { check: 'clock', restsOn: online, look: () => compareClocks(world, flags) },
    { check: 'secret files', look: async () => describeSecretFiles(world) },
    { check: 'held here', look: () => describeHeld(world) },
  ];
}

async function look({ check, look: find }: Check): Promise<Finding | NotChecked> {
  try {
    const detail = await find();
    return typeof detail === 'string' ? { check, isGood: true, detail, hint: '' } : detail;
  } catch (error) {
    const known = error instanceof JitError ? error : fail('failed', { why: String(error) }, error);
    return { check, isGood: false, detail: known.message, hint: withoutItself(known) };
  }
}

/** Whoever reads this has typed `jit doctor`. */
function withoutItself(error: JitError): string {
  if (error.code === 'unreachable')
    return 'look at the address, the network and the VPN; others may know whether it runs';
  return error.hint
    .split('; ')
    .filter((part) => !part.includes('jit doctor'))
    .join('; ');
}

function show(world: World, { check, isGood, detail, hint }: Finding): void {
  const { print, paint } = world.terminal;
  print(`${isGood ? paint.good('✔') : paint.bad('✖')} ${check.padEnd(13)} ${neutralise(detail)}`);
  if (hint !== '') print(`                ${paint.dim(neutralise(hint))}`);
}

function showNotChecked({ terminal }: World, { check }: Check, { notChecked }: NotChecked): void {
  terminal.print(terminal.paint.dim(`– ${check.padEnd(13)} not checked: ${notChecked}`));
}

async function describeConfig(world: World): Promise<string> {
  const { profiles } = await world.readConfig();
  return `${world.folders.config}, ${count(Object.keys(profiles).length, 'profile')}`;
}

async function probeKeychain(world: World, server: string): Promise<string> {
  const keychain = await world.openKeychain(server);
  await keychain.probe();
  return keychain.kind === 'os'
    ? 'system keychain: write, read and delete work'
    : 'encrypted files: write, read and delete work';
}

async function describeSecretFiles(world: World): Promise<string> {
  const { hasSecretFiles, expectsSecretFiles } = world.processes;
  if (hasSecretFiles) return 'child processes get secrets in memory-only files';
  const instead = 'jit exec passes PGPASSWORD in the environment instead';
  if (!expectsSecretFiles) return `no /proc here: ${instead}`;
  throw fail('failed', { why: `no file can be written in /dev/shm or /tmp, are they full? ${instead}` });
}

async function describeSession(world: World, flags: CommonOptions): Promise<string> {
  const engineer = await world.connect(flags);
  const person = await engineer.readPerson();
  return `${person.name} on ${engineer.server}`;
}

async function compareClocks(world: World, flags: CommonOptions): Promise<string | NotChecked> {
  const engineer = await world.connect(flags);
  const status = await readStatus(engineer);
  if (!status) return { notChecked: 'nobody is logged in' };
  if (!status.isCurrent) return { notChecked: GROUNDS.server };
  const offsetSeconds = Math.round((status.asOf - world.clock.now()) / SECOND_MS);
  if (Math.abs(offsetSeconds) > NOTICEABLE_SECONDS) throw fail('clock_wrong', { offsetSeconds });
  return 'in step with the server';
}

/** Nobody logged in has been said already. */
async function readStatus(engineer: Engineer): Promise<KnownStatus | undefined> {
  try {
    return await engineer.readStatus();
  } catch (error) {
    if (hasCode(error, 'login_needed', 'session_expired')) return undefined;
    throw error;
  }
}

async function describeHeld(world: World): Promise<string> {
  await world.sweep();
  const { grants, requests } = await world.state.read();
  return `${count(grants.length, 'grant')}, ${count(requests.length, 'open request')}`;
}
