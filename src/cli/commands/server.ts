import type { Command } from 'commander';
import { LOG_FORMATS, type LogFormat } from '../../core/ports/log.ts';
import type { CommandContext } from '../command.ts';
import { defineKeys } from '../serving/keys.ts';
import { defineReconcile } from '../serving/reconcile.ts';
import { defineStore } from '../serving/store.ts';

type Flags = { readonly config?: string; readonly log?: LogFormat };

export function define(command: Command, context: CommandContext): void {
  const { world } = context;
  const log = command.createOption(
    '--log <format>',
    'json: a document a line on stdout; text: what needs a person, on stderr',
  );
  command
    .option('--config <file>', 'jit.yaml; without it an embedded server on loopback, with development users')
    .addOption(log.choices([...LOG_FORMATS]))
    .action((flags: Flags) => world.serve({ config: flags.config, log: flags.log }));
  defineReconcile(command, context);
  defineKeys(command, context);
  defineStore(command, context);
}
