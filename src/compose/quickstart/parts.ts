import type { QuickstartOptions, World } from '../../cli/world.ts';

export type QuickstartParts = QuickstartOptions & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The program itself, which the story starts as a person would. */
  readonly jitPath: string;
};
