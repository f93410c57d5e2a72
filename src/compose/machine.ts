import { join } from 'node:path';
import type { Folders } from '../cli/world.ts';
import type { ClientConfig } from '../core/client-config.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { LocalStateStore } from '../core/ports/local-state.ts';
import type { Lock } from '../core/ports/lock.ts';
import type { Browser, Desktop } from '../core/ports/processes.ts';
import { defer } from './defer.ts';

export type MachineOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly folders: Folders;
  readonly clock: Clock;
};

export type Machine = {
  readonly lock: Lock;
  readonly state: LocalStateStore;
  readonly configFile: {
    readonly read: () => Promise<ClientConfig>;
    readonly write: (config: ClientConfig) => Promise<void>;
  };
  readonly browser: Browser;
  readonly desktop: Desktop;
};

/** What jit uses of this machine, each loaded when it is first used. */
export function openMachine({ environment, platform, folders, clock }: MachineOptions): Machine {
  const loadLock = async (): Promise<Lock> => {
    const { createFileLock } = await import('../adapters/lock/file-lock.ts');
    return createFileLock({ folder: join(folders.state, 'locks'), clock });
  };
  const lock = defer(loadLock, ['run', 'tryRun']);
  const loadState = async (): Promise<LocalStateStore> => {
    const { createLocalState } = await import('../adapters/local-state.ts');
    return createLocalState({ folder: folders.state, lock });
  };
  const loadConfigFile = async (): Promise<Machine['configFile']> => {
    const { createConfigFile } = await import('../adapters/config-file/config-file.ts');
    return createConfigFile({ folder: folders.config });
  };
  const loadBrowser = async (): Promise<Browser> => {
    const { createBrowser } = await import('../adapters/browser.ts');
    return createBrowser({ environment, platform });
  };
  const loadDesktop = async (): Promise<Desktop> => {
    const { createDesktop } = await import('../adapters/desktop.ts');
    return createDesktop({ environment, platform });
  };
  return {
    lock,
    state: defer(loadState, ['read', 'update']),
    configFile: defer(loadConfigFile, ['read', 'write']),
    browser: defer(loadBrowser, ['open']),
    desktop: defer(loadDesktop, ['show']),
  };
}
