import type { Command } from 'commander';
import { JitError } from '../../core/errors.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printJson } from '../output.ts';
import type { World } from '../world.ts';

type Finding = {
  readonly check: string;
  readonly isGood: boolean;
  readonly detail: string;
  readonly hint: string;
};
type Check = { readonly check: string; readonly look: () => Promise<string> };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command).action(async (flags: CommonOptions) => exit(await run(world, flags)));
}

async function run(world: World, flags: CommonOptions): Promise<number> {
  const findings: Finding[] = [];
  for (const check of listChecks(world, flags)) {
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
    { check: 'keychain', look: async () => probeKeychain(world, await server()) },
    { check: 'secret files', look: async () => describeSecretFiles(world) },
    { check: 'session', look: async () => describeSession(world, flags) },
    { check: 'clock', look: async () => compareClocks(world, flags) },
    { check: 'held here', look: async () => describeHeld(world) },
  ];
}

async function look({ check, look: find }: Check): Promise<Finding> {
  try {
    return { check, isGood: true, detail: await find(), hint: '' };
  } catch (error) {
    if (!(error instanceof JitError)) throw error;
    return { check, isGood: false, detail: error.message, hint: error.hint };
  }
}

function show(world: World, { check, isGood, detail, hint }: Finding): void {
  const { tell, paint } = world.terminal;
  tell(`${isGood ? paint.good('✔') : paint.bad('✖')} ${check.padEnd(13)} ${detail}`);
  if (hint !== '') tell(`                ${paint.dim(hint)}`);
}

async function describeConfig(world: World): Promise<string> {
  const { profiles } = await world.readConfig();
  const count = Object.keys(profiles).length;
  return `${world.folders.config}, ${count === 1 ? 'one profile' : `${count} profiles`}`;
}

async function probeKeychain(world: World, server: string): Promise<string> {
  const keychain = await world.openKeychain(server);
  await keychain.probe();
  return keychain.kind === 'os'
    ? 'the system keychain writes, reads and deletes'
    : 'encrypted files write, read and delete';
}

async function describeSecretFiles(world: World): Promise<string> {
  return world.processes.hasSecretFiles
    ? 'passed to children as files that are on no disk'
    : 'no /proc here: jit exec passes PGPASSWORD in the environment instead';
}

async function describeSession(world: World, flags: CommonOptions): Promise<string> {
  const engineer = await world.connect(flags);
  const person = await engineer.readPerson();
  return `${person.name} on ${engineer.server}`;
}

async function compareClocks(world: World, flags: CommonOptions): Promise<string> {
  const engineer = await world.connect(flags);
  const { asOf, isCurrent } = await engineer.readStatus();
  if (!isCurrent) return 'not compared: the server was not reached';
  const offsetSeconds = Math.round((asOf - world.clock.now()) / 1000);
  return Math.abs(offsetSeconds) <= 1 ? 'as the server' : `${offsetSeconds} s from the server's`;
}

async function describeHeld(world: World): Promise<string> {
  await world.sweep();
  const { grants, requests } = await world.state.read();
  return `${grants.length} grants, ${requests.length} open requests`;
}
