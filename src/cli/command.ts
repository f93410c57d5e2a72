import type { Command } from 'commander';
import type { World } from './world.ts';

/** What a command is defined with: the world, and where its exit code goes. */
export type CommandContext = {
  /** All commands, for completion. */
  readonly commands: readonly CommandEntry[];
  readonly world: World;
  readonly exit: (code: number) => void;
};

/** One file a command: it says its arguments, its options and what it does. */
export type CommandModule = { readonly define: (command: Command, context: CommandContext) => void };

export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  readonly isHidden?: boolean;
  /** Loads the command's file: only that of the command that runs. */
  readonly load: () => Promise<CommandModule>;
};
