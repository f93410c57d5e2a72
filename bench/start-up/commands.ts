import { join } from 'node:path';
import { runOnce } from './run-once.ts';
import type { Stage } from './stage.ts';

/** A whole process to measure. Budgets are those of the design: a ratio to the bare Node, and peak memory. */
export type MeasuredCommand = {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly budget: { readonly ratio: number; readonly mebibytes: number } | null;
  /** Run after each measurement, on nobody's clock, so that the next one finds things as this one did. */
  readonly undo?: readonly string[] | undefined;
};

type Planned = Omit<MeasuredCommand, 'environment'> & {
  /** Whose machine it runs on: one that knows no server, one with a grant in its keychain, one that holds nothing. */
  readonly who: 'stranger' | 'holder' | 'asker';
};

const ASK = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m'];
const REASON = ['--reason', 'start-up benchmark'];

const PLANNED: readonly Planned[] = [
  { name: 'jit --version', who: 'stranger', args: ['--version'], budget: { ratio: 1.7, mebibytes: 45 } },
  { name: 'jit --help', who: 'stranger', args: ['--help'], budget: { ratio: 1.7, mebibytes: 45 } },
  {
    name: 'jit completion bash',
    who: 'stranger',
    args: ['completion', 'bash'],
    budget: { ratio: 1.7, mebibytes: 45 },
  },
  { name: 'jit token', who: 'holder', args: ['token'], budget: { ratio: 2.4, mebibytes: 52 } },
  {
    name: 'jit credential kubernetes',
    who: 'holder',
    args: ['credential', 'kubernetes'],
    budget: { ratio: 2.4, mebibytes: 52 },
  },
  {
    name: 'jit status --offline',
    who: 'holder',
    args: ['status', '--offline'],
    budget: { ratio: 2.4, mebibytes: 52 },
  },
  {
    name: 'jit exec -- true',
    who: 'holder',
    args: ['exec', '--', 'true'],
    budget: { ratio: 2.8, mebibytes: 52 },
  },
  { name: 'jit status', who: 'holder', args: ['status'], budget: { ratio: 4, mebibytes: 65 } },
  {
    name: 'jit request --json',
    who: 'asker',
    args: [...ASK, ...REASON, '--json'],
    undo: ['done'],
    budget: { ratio: 5, mebibytes: 75 },
  },
];

/** What the holder did before anything is measured. */
export const HOLDING = [...ASK, ...REASON];

/** What can be measured here, the bare Node first, and what cannot. */
export async function listCommands(
  root: string,
  stage: Stage,
): Promise<{
  readonly measured: readonly MeasuredCommand[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}> {
  const bare = { name: 'node -e 0', args: ['-e', '0'], environment: stage.stranger, budget: null };
  const measured: MeasuredCommand[] = [bare];
  const leftOut: { readonly name: string; readonly why: string }[] = [];
  for (const { who, ...planned } of PLANNED) {
    const environment = stage[who];
    const jit = (args: readonly string[]): readonly string[] => [join(root, 'bin/jit.js'), ...args];
    if (!environment) leftOut.push({ name: planned.name, why: stage.obstacle ?? 'not possible here' });
    else
      measured.push({
        ...planned,
        args: jit(planned.args),
        undo: planned.undo && jit(planned.undo),
        environment,
      });
  }
  return { measured, leftOut };
}

/** Once, and then what undoes it. Throws when it does not do what it should. */
export async function runAndUndo(
  command: MeasuredCommand,
  options: { readonly memory?: boolean } = {},
): ReturnType<typeof runOnce> {
  const run = await runOnce(command, options);
  requireGood(command.name, run.exitCode);
  if (command.undo) {
    const undone = await runOnce({ ...command, args: command.undo });
    requireGood(`what undoes ${command.name}`, undone.exitCode);
  }
  return run;
}

function requireGood(name: string, exitCode: number): void {
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}`);
}
