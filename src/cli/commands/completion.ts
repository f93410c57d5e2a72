import type { CommandContext } from '../command.ts';
import { Argument, type Command } from '../commander.ts';
import { type Shell, scripts } from '../completion-scripts.ts';

export function define(command: Command, { world }: CommandContext): void {
  command
    .addArgument(new Argument('<shell>', 'for which shell').choices(Object.keys(scripts)))
    .addHelpText('after', HELP)
    .action((shell: Shell) => world.terminal.print(scripts[shell]));
}

const HELP = `
bash:  source <(jit completion bash)
zsh:   source <(jit completion zsh)
fish:  jit completion fish | source`;
