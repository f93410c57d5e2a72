import type { Command } from 'commander';
import type { SshHost } from '../../client/ssh.ts';
import { fail } from '../../core/errors.ts';
import { findNearest } from '../../core/scope.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printJson } from '../text/output.ts';
import { formatSshConfig } from '../using/ssh-config-text.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type ConfigFlags = CommonOptions & { readonly target?: string };

/** What `--profile` may be called in a line that a shell reads. */
const PLAIN = /^[\w.-]+$/;

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .option('--target <target>', 'only this one')
    .action(async (flags: ConfigFlags) => exit(await run(world, flags)));
}

async function run(world: World, flags: ConfigFlags): Promise<number> {
  const { profile, target } = flags;
  if (profile !== undefined && !PLAIN.test(profile))
    throw fail('usage', { why: `a profile called "${profile}" cannot stand in an ssh_config` });
  const engineer = await world.connect(flags);
  const ssh = await world.openSsh(flags);
  const all = await withLogin(world, engineer, () => ssh.listHosts());
  const hosts = target === undefined ? all : [requireHost(all, target)];
  if (flags.json) printJson(world, { hosts: hosts.map(encodeHost) });
  else if (hosts.length > 0) world.terminal.print(formatSshConfig(hosts, profile));
  else world.terminal.tell('no target takes certificates for ssh');
  return 0;
}

function requireHost(hosts: readonly SshHost[], target: string): SshHost {
  const names = hosts.map(({ name }) => name);
  const found = hosts.find(({ name }) => name === target);
  if (found) return found;
  throw fail('unknown_target', { target, nearest: findNearest(target, names) });
}

function encodeHost({ name, host, port, certificatePath, keyPath }: SshHost): object {
  return { target: name, host, port, certificate_file: certificatePath, key_file: keyPath };
}
