import { join } from 'node:path';
import type { ExecChoice } from '../../../core/client-config.ts';
import { fail } from '../../../core/errors.ts';
import type { ApprovalBackend } from '../../../core/ports/backend.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { createPluginCaller } from './caller.ts';
import { createConversation } from './conversation.ts';
import { prepareExecutable } from './executable.ts';
import { createMethods } from './methods.ts';
import { startProcess } from './plugin-process.ts';
import type { StartProcess } from './session.ts';

export type ExecBackendOptions = {
  readonly choice: ExecChoice;
  /** Of the profile: what everything is filed under, and what the plugin is called. */
  readonly address: string;
  readonly version: string;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the configuration is: relative paths begin there, and the plugin is started there. */
  readonly configFolder: string;
  readonly stateFolder: string;
  /** Shows a line that the plugin wrote to stderr. */
  readonly tell: (line: string) => void;
};

/** A backend, and the end of the process behind it. */
export type OpenBackend = { readonly backend: ApprovalBackend; readonly close: () => Promise<void> };

/** What the plugin's process has of the environment, besides what the profile names. */
const GIVEN: readonly string[] = ['PATH', 'HOME', 'LANG', 'TZ'];

/** A backend that is a program (docs/plugins.md). It is started with the first question; never through a shell. */
export function openExecBackend(options: ExecBackendOptions): OpenBackend {
  const { choice, address, clock } = options;
  const name = address.replace('plugin://', '');
  const label = `the plugin "${name}" (${choice.command})`;
  const limits = { limitMs: choice.timeoutSeconds * SECOND_MS, followMs: choice.followSeconds * SECOND_MS };
  const conversation = createConversation({
    label,
    clock,
    greeting: { client: { name: 'jit', version: options.version }, profile: name },
    start: createStart(options, { label, name }),
  });
  const call = createPluginCaller(conversation, { label, limitMs: limits.limitMs });
  return { backend: { address, ...createMethods(call, { clock, ...limits }) }, close: conversation.close };
}

function createStart(
  options: ExecBackendOptions,
  { label, name }: { readonly label: string; readonly name: string },
): StartProcess {
  const { choice, environment, configFolder } = options;
  return async (listeners) => {
    const executable = await prepareExecutable({
      label,
      command: choice.command,
      sha256: choice.sha256,
      folder: configFolder,
      searchPath: environment.PATH ?? '',
      privateFolder: join(options.stateFolder, 'plugins'),
    });
    try {
      return await startProcess({
        ...listeners,
        // Whoever speaks has read its program, and nothing of it needs to lie around any more.
        onLine: (line) => {
          executable.release();
          listeners.onLine(line);
        },
        onEnd: (why) => {
          executable.release();
          listeners.onEnd(why);
        },
        path: executable.path,
        args: choice.args,
        environment: pick(environment, [...GIVEN, ...choice.environment]),
        folder: configFolder,
        showError: (line) => options.tell(`${name}: ${line}`),
      });
    } catch (error) {
      executable.release();
      throw fail('plugin_unusable', { plugin: label, why: 'it could not be started' }, error);
    }
  };
}

function pick(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
