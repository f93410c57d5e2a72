import type { Sessions } from '../client/login.ts';
import type { PluginChoice } from '../core/client-config.ts';
import { fail, type JitError } from '../core/errors.ts';
import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Authorization, StoredSession } from '../core/ports/session.ts';
import { Secret } from '../core/secret.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Online } from './online.ts';
import { listOwnModules } from './own-modules.ts';

/** What a plugin is opened with, besides the choice in its profile. */
export type PluginParts = {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folders: { readonly config: string; readonly state: string };
  /** Shows a line that a plugin wrote. */
  readonly tell: (line: string) => void;
  /** Given what ends the plugin, to be called before jit leaves. */
  readonly onOpen: (close: () => Promise<void>) => void;
  /** Ctrl-C, for what waits in a backend for a person. */
  readonly signal?: AbortSignal;
};

export type PluginOnlineOptions = PluginParts & {
  readonly choice: PluginChoice;
  readonly address: string;
  readonly clock: Clock;
};

/** A plugin in the place of a server. It knows by itself who its user is: there is no session, and no logging in. */
export async function goOnlineByPlugin(options: PluginOnlineOptions): Promise<Online> {
  const { address } = options;
  const { backend, close } = await openBackend(options);
  options.onOpen(close);
  const refuse = (): Promise<never> => Promise.reject(describeNoLogin(address));
  const authorization: Authorization = {
    deviceLogin: refuse,
    browserLogin: refuse,
    workloadLogin: refuse,
    refresh: async (session) => session,
    revoke: async () => undefined,
  };
  return { backend, authorization, sessions: createNoSessions(address) };
}

type Opened = { readonly backend: ApprovalBackend; readonly close: () => Promise<void> };

async function openBackend({ choice, ...options }: PluginOnlineOptions): Promise<Opened> {
  const { folders } = options;
  if (choice.kind === 'exec') {
    const { openExecBackend } = await import('../adapters/backends/exec/open.ts');
    return openExecBackend({ ...options, choice, configFolder: folders.config, stateFolder: folders.state });
  }
  const { loadPlugin } = await import('../plugin/load.ts');
  const { openPluginBackend } = await import('../plugin/registry.ts');
  const { followByReading } = await import('../adapters/backends/follow-by-reading.ts');
  const order = { name: choice.package, folder: folders.config, ownModules: listOwnModules() };
  const { backend, close } = await openPluginBackend(await loadPlugin(order), { ...options, ...choice });
  const { clock } = options;
  const followMs = choice.followSeconds * SECOND_MS;
  const { readRequest, follow } = backend;
  return {
    backend: { ...backend, follow: followByReading(follow, { clock, followMs, readRequest }) },
    close,
  };
}

function describeNoLogin(address: string): JitError {
  return fail('not_offered', { address, what: 'logging in, because it knows by itself who you are' });
}

function createNoSessions(server: string): Sessions & Online['sessions'] {
  const none: StoredSession = {
    server,
    name: '',
    way: { kind: 'device' },
    accessToken: new Secret(''),
    accessExpiresAt: Number.MAX_SAFE_INTEGER,
    refreshToken: null,
    dpopKey: new Secret(''),
  };
  return {
    read: async () => none,
    renew: async () => none,
    store: async () => undefined,
    peek: async () => undefined,
    clear: async () => false,
  };
}
