import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenBackend, openExecBackend } from '../../../src/adapters/backends/exec/open.ts';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import type { ExecChoice } from '../../../src/core/client-config.ts';
import { ROOT } from '../programs/running-jit.ts';

export const PLUGINS = join(ROOT, 'examples', 'plugins');

export type TestPlugin = OpenBackend & {
  readonly folder: string;
  /** What was shown of its stderr. */
  readonly told: readonly string[];
};

export type TestPluginOptions = Partial<Omit<ExecChoice, 'kind'>> & {
  readonly variables?: Readonly<Record<string, string>>;
  readonly folder?: string;
};

/** A program as a backend, with a folder of its own and the real clock. */
export async function openPlugin(options: TestPluginOptions): Promise<TestPlugin> {
  const { variables = {}, folder = await mkdtemp(join(tmpdir(), 'jit-plugin-')), ...choice } = options;
  const told: string[] = [];
  const { backend, close } = openExecBackend({
    choice: {
      kind: 'exec',
      command: 'no-such-command',
      args: [],
      sha256: null,
      environment: Object.keys(variables),
      timeoutSeconds: 10,
      followSeconds: 30,
      ...choice,
    },
    address: 'plugin://work',
    version: '1.2.3',
    clock: createSystemClock(),
    environment: { PATH: process.env.PATH, HOME: folder, ...variables },
    configFolder: folder,
    stateFolder: join(folder, 'state'),
    tell: (line) => told.push(line),
  });
  const end = async (): Promise<void> => {
    await close();
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  return { backend, close: end, folder, told };
}
