import { hostname, userInfo } from 'node:os';
import type { Processes } from '../../core/ports/processes.ts';
import { hasSecretFiles } from './secret-file.ts';

export type ProcessesOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The program that `startDetached` runs again, with this Node. An absolute path. */
  readonly jitPath: string;
  readonly platform?: NodeJS.Platform;
  /** Where secret files are tried, in this order; memory first where nothing is said. */
  readonly secretFolders?: readonly string[];
};

/** Real processes. What starts them is loaded with the first. */
export function createProcesses(options: ProcessesOptions): Processes {
  const platform = options.platform ?? process.platform;
  const places = { platform, folders: options.secretFolders };
  const environment = keepStrings(options.environment);
  return {
    environment,
    get hasSecretFiles() {
      return hasSecretFiles(places);
    },
    expectsSecretFiles: platform === 'linux',
    get hostName() {
      return hostname();
    },
    get userName() {
      return findUserName(environment);
    },
    // After what the caller has begun: a call of native code that is not under way yet would wait for this.
    prepare: () => void setImmediate(() => import('./child.ts').catch(() => undefined)),
    start: async (order) => (await import('./child.ts')).startChild(order, places),
    startDetached: async (args) => {
      const { startDetached } = await import('./detached.ts');
      await startDetached([process.execPath, options.jitPath, ...args], environment);
    },
  };
}

function keepStrings(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const known = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(known);
}

/** A user id without an entry in the user database has no name: containers do that. */
function findUserName(environment: Readonly<Record<string, string>>): string {
  try {
    return userInfo().username;
  } catch {
    return environment.USER ?? environment.LOGNAME ?? 'unknown';
  }
}
