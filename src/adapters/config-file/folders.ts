import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where things are on this machine; none of them need exist. */
export type Folders = { readonly config: string; readonly state: string; readonly data: string };

/** JIT_CONFIG_DIR and JIT_STATE_DIR first, then the XDG base folders, then what the platform does. */
export function findFolders(environment: Environment, platform: NodeJS.Platform): Folders {
  const home = environment.HOME || homedir();
  const mac = join(home, 'Library', 'Application Support', 'jit');
  const find = (variable: string, usual: { readonly mac: string; readonly others: string }): string => {
    const base = environment[variable];
    // A relative path in these variables is to be ignored (XDG base directory specification).
    if (base && isAbsolute(base)) return join(base, 'jit');
    return platform === 'darwin' ? usual.mac : join(home, usual.others, 'jit');
  };
  return {
    config: override(environment.JIT_CONFIG_DIR) ?? find('XDG_CONFIG_HOME', { mac, others: '.config' }),
    state:
      override(environment.JIT_STATE_DIR) ??
      find('XDG_STATE_HOME', { mac: join(mac, 'state'), others: join('.local', 'state') }),
    data: find('XDG_DATA_HOME', { mac: join(mac, 'data'), others: join('.local', 'share') }),
  };
}

function override(folder: string | undefined): string | undefined {
  return folder ? resolve(folder) : undefined;
}
