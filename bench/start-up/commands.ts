import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnce } from './run-once.ts';

/** A whole process to measure. Budgets are those of the design: a ratio to the bare Node, and peak memory. */
export type MeasuredCommand = {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly budget: { readonly ratio: number; readonly mebibytes: number } | null;
};

type Planned = Omit<MeasuredCommand, 'environment'> & {
  /** What has to be there besides the program; without it the command is left out. */
  readonly needs?: string;
};

const PLANNED: readonly Planned[] = [
  { name: 'jit --version', args: ['--version'], budget: { ratio: 1.7, mebibytes: 45 } },
  { name: 'jit --help', args: ['--help'], budget: { ratio: 1.7, mebibytes: 45 } },
  { name: 'jit completion bash', args: ['completion', 'bash'], budget: { ratio: 1.7, mebibytes: 45 } },
  {
    name: 'jit token',
    args: ['token'],
    budget: { ratio: 2.4, mebibytes: 52 },
    needs: 'a grant in a keychain',
  },
  {
    name: 'jit status --offline',
    args: ['status', '--offline'],
    budget: { ratio: 2.4, mebibytes: 52 },
    needs: 'a grant in a keychain',
  },
  {
    name: 'jit exec -- true',
    args: ['exec', '--', 'true'],
    budget: { ratio: 2.8, mebibytes: 52 },
    needs: 'a grant in a keychain',
  },
  { name: 'jit status', args: ['status'], budget: { ratio: 4, mebibytes: 65 }, needs: 'a server' },
  {
    name: 'jit request --json',
    args: ['request', 'prod:api.read', '--for', '5m', '--reason', 'start-up benchmark', '--json'],
    budget: { ratio: 5, mebibytes: 75 },
    needs: 'a server',
  },
];

/** What can be measured here, the bare Node first, and what cannot. */
export async function listCommands(root: string): Promise<{
  readonly measured: readonly MeasuredCommand[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}> {
  const environment = await buildEnvironment();
  const measured: MeasuredCommand[] = [{ name: 'node -e 0', args: ['-e', '0'], environment, budget: null }];
  const leftOut: { readonly name: string; readonly why: string }[] = [];
  for (const { needs, ...planned } of PLANNED) {
    const command = { ...planned, args: [join(root, 'bin/jit.js'), ...planned.args], environment };
    if (needs) leftOut.push({ name: planned.name, why: `needs ${needs}` });
    else if ((await runOnce(command)).exitCode !== 0)
      leftOut.push({ name: planned.name, why: 'it fails here' });
    else measured.push(command);
  }
  return { measured, leftOut };
}

/** Empty folders, and nothing of the person's own that would change the start. */
async function buildEnvironment(): Promise<Readonly<Record<string, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-bench-'));
  const { PATH = '' } = process.env;
  return { PATH, HOME: folder, JIT_CONFIG_DIR: folder, JIT_STATE_DIR: folder, NO_COLOR: '1', CI: 'true' };
}
