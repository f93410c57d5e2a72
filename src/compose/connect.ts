import { createEngineer, type Engineer } from '../client/engineer.ts';
import type { ClientParts } from '../client/parts.ts';
import type { BackendChoice } from '../core/client-config.ts';
import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { Instant } from '../core/time.ts';
import { defer, once } from './defer.ts';
import type { Online } from './online.ts';
import type { PluginParts } from './plugin-online.ts';

/** Everything of this machine that an engineer needs; the server's side is found here. */
export type ConnectOptions = Omit<ClientParts, 'backend' | 'skewMs'> & {
  /** Told of the server's time with every answer. */
  readonly hear: (at: Instant) => void;
  /** How long to go on trying while a server does not answer; 0: once. */
  readonly patienceMs?: number | undefined;
  /** What is there in place of a jit server; undefined where it is one. */
  readonly choice: BackendChoice | undefined;
  readonly plugins: PluginParts;
  readonly openPage: (address: string) => void;
};

/** The engineer at one server. Nothing that speaks to the server is loaded before something is said to it. */
export function connect(options: ConnectOptions): Engineer {
  const { server, clock, hear } = options;
  let aheadMs = 0;
  const onServerTime = (at: Instant): void => {
    hear(at);
    aheadMs = at - clock.now();
  };
  const online = once(async (): Promise<Online> => {
    const { choice, plugins } = options;
    if (!choice) return (await import('./online.ts')).goOnline({ ...options, onServerTime });
    if (choice.kind === 'oidc') {
      const { goOnlineAtProvider } = await import('./provider-online.ts');
      return goOnlineAtProvider({ ...options, choice, tell: plugins.tell, signal: plugins.signal });
    }
    const { goOnlineByPlugin } = await import('./plugin-online.ts');
    return goOnlineByPlugin({ ...plugins, choice, clock, address: server });
  });
  return createEngineer({
    ...options,
    skewMs: () => aheadMs,
    asksApart: options.choice?.kind === 'oidc',
    recordsUse: options.choice === undefined,
    backend: { address: server, ...deferBackend(async () => (await online()).backend) },
    authorization: defer(
      async () => (await online()).authorization,
      ['deviceLogin', 'browserLogin', 'workloadLogin', 'refresh', 'revoke'],
    ),
    signProof: async (order) => (await import('../adapters/backends/dpop-proof.ts')).signTokenProof(order),
    sessions: defer(async () => (await online()).sessions, ['store', 'read', 'peek', 'clear']),
  });
}

function deferBackend(load: () => Promise<ApprovalBackend>): Omit<ApprovalBackend, 'address'> {
  return defer(load, [
    'readPerson',
    'listScopes',
    'preview',
    'submit',
    'readRequest',
    'follow',
    'claim',
    'cancel',
    'readStatus',
    'listHistory',
    'readInbox',
    'readDossier',
    'approve',
    'deny',
    'reviewAfterwards',
    'listRevocable',
    'revokeMany',
    'readGrant',
    'reportUse',
    'abandon',
    'revoke',
  ]);
}
