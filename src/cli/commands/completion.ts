import { fail } from '../../core/errors.ts';
import type { CommandContext } from '../command.ts';
import { Argument, type Command } from '../commander.ts';
import { type Shell, scripts } from '../completion-scripts.ts';

export function define(command: Command, { world }: CommandContext): void {
  command
    .usage('[options] <bash|zsh|fish>')
    .addArgument(new Argument('[shell]', 'for which shell').choices(Object.keys(scripts)))
    .addHelpText('after', HELP)
    .action((shell: Shell | undefined) => {
      if (!shell) throw fail('usage', { why: 'for which shell? jit completion bash, zsh or fish' });
      world.terminal.print(scripts[shell]);
    });
}

const HELP = `
bash:  source <(jit completion bash)
zsh:   source <(jit completion zsh)
fish:  jit completion fish | source`;
