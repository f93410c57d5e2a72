import type { Command } from 'commander';
import type { CommandContext } from '../command.ts';

export function define(command: Command, { world }: CommandContext): void {
  command
    .option('--config <file>', 'jit.yaml; without it an embedded server on loopback, with development users')
    .action((flags: { readonly config?: string }) => world.serve({ config: flags.config }));
}
