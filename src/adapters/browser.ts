import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { removeSecrets } from '../core/child-environment.ts';
import type { Browser } from '../core/ports/processes.ts';

export type BrowserOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
};

type Command = readonly [string, ...string[]];

/** Opens pages with what the desktop, or BROWSER, says. Never through a shell: the address comes from a server. */
export function createBrowser(options: BrowserOptions): Browser {
  return {
    open: async (url) => {
      const address = parseAddress(url);
      if (address === undefined) return false;
      for (const command of listCommands(address, options)) {
        if (await start(command, options.environment)) return true;
      }
      return false;
    },
  };
}

/** The address as it is handed on; undefined for anything that is not https or loopback. */
export function parseAddress(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, username, password, href } = new URL(url);
  if (username !== '' || password !== '') return undefined;
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback) ? href : undefined;
}

function listCommands(address: string, { environment, platform }: BrowserOptions): readonly Command[] {
  const chosen = (environment.BROWSER ?? '').split(':').flatMap((entry) => parseEntry(entry, address));
  if (platform === 'darwin') return [...chosen, ['open', address]];
  const wsl: readonly Command[] = environment.WSL_DISTRO_NAME ? [['wslview', address]] : [];
  const desktop: readonly Command[] =
    environment.DISPLAY || environment.WAYLAND_DISPLAY ? [['xdg-open', address]] : [];
  return [...chosen, ...wsl, ...desktop];
}

/** One entry of BROWSER: words, of which `%s` is the address; it is added at the end where there is none. */
function parseEntry(entry: string, address: string): readonly Command[] {
  const [program, ...args] = entry.split(' ').filter(Boolean);
  if (program === undefined) return [];
  if (!args.some((word) => word.includes('%s'))) return [[program, ...args, address]];
  return [[program, ...args.map((word) => word.replaceAll('%s', () => address))]];
}

async function start(command: Command, environment: BrowserOptions['environment']): Promise<boolean> {
  const [program, ...args] = command;
  try {
    const child = spawn(program, args, { detached: true, stdio: 'ignore', env: removeSecrets(environment) });
    child.on('error', () => {});
    await once(child, 'spawn');
    child.unref();
    return true;
  } catch {
    return false;
  }
}
