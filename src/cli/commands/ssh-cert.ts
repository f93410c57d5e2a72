import type { Command } from 'commander';
import type { Certified } from '../../client/ssh.ts';
import { JitError } from '../../core/errors.ts';
import { formatInstant } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { reportError } from '../report-error.ts';
import { printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type CertFlags = CommonOptions & { readonly on: string; readonly scope?: string };

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .requiredOption('--on <target>', 'the target to connect to')
    .option('--scope <scope>', 'the grant that has this scope')
    .action(async (flags: CertFlags) => exit(await run(world, flags)));
}

/** ssh runs it, before each connection: it asks nothing, and says in one line what to type where it cannot help. */
async function run(world: World, flags: CertFlags): Promise<number> {
  try {
    const ssh = await world.openSsh({ ...flags, isUnattended: true });
    const certified = await ssh.certify({ target: flags.on, scope: flags.scope });
    if (flags.json) printJson(world, encodeCertified(certified));
    return 0;
  } catch (error) {
    if (flags.json || !(error instanceof JitError))
      return reportError(world, error, { json: flags.json ?? false });
    const { code, message, hint, exitCode } = error;
    const command = code === 'no_grant' ? `jit request --on ${flags.on}` : hint;
    world.terminal.tell(`${world.terminal.paint.bad('jit:')} ${message}: ${command}`);
    return exitCode;
  }
}

function encodeCertified({ held, validBeforeAt, certificatePath, keyPath }: Certified): object {
  return {
    grant_id: held.view.id,
    target: held.view.target,
    valid_before: formatInstant(validBeforeAt),
    certificate_file: certificatePath,
    key_file: keyPath,
  };
}
