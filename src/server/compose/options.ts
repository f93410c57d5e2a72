import type { ChannelKind } from '../../core/config/channel-kind.ts';
import type { Complaint } from '../../core/config/complaint.ts';
import type { ConnectorKind } from '../../core/config/connector-kind.ts';
import type { ServerConfig } from '../../core/config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Connector } from '../../core/ports/connector.ts';
import type { Log } from '../../core/ports/log.ts';
import type { PolicyEngine } from '../../core/ports/policy.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Secret } from '../../core/secret.ts';
import type { Patience } from '../http/http.ts';
import type { Quarantine } from '../keeping/quarantine.ts';

export type ServerOptions = {
  readonly config: ServerConfig;
  readonly clock: Clock;
  /** Those that come with jit, and those of plugins; where nothing is said, the former alone. */
  readonly kinds?: readonly ConnectorKind[] | undefined;
  /** Channels of plugins. */
  readonly channelKinds?: readonly ChannelKind[] | undefined;
  /** Where the sample policies are, for a configuration that names no folder of its own. */
  readonly samplePoliciesFolder: string;
  /** What development users type to log in (OAU-08). */
  readonly pin: Secret;
  /** Told of every request, of what the server does by itself, and of what goes wrong that is nobody's request's fault. */
  readonly log: Log;
  /**
   * Puts something around the store and the connectors, and around the store's clock: how fault tests stop the server at
   * a chosen write, and let it be later.
   */
  readonly decorate?: {
    readonly store: (store: Store) => Store;
    readonly connector: (connector: Connector) => Connector;
    readonly clock?: (clock: Clock) => Clock;
    /** Many servers in one process may have one engine. */
    readonly policy?: (open: () => Promise<PolicyEngine>) => Promise<PolicyEngine>;
  };
  /** Less than the limits, for tests that cannot wait. */
  readonly patience?: Partial<Patience>;
  /** How soon a rotation of the keys is known here, for the same tests. */
  readonly keysReadAgainMs?: number;
};

export type RunningServer = {
  readonly url: string;
  /** What was restored and not confirmed yet; null where there is nothing of the kind. */
  readonly readQuarantine: Quarantine['readNote'];
  /** What a change of configuration must not touch while the server runs, as complaints about it; none: it can be reloaded. */
  readonly judge: (config: ServerConfig) => Promise<readonly Complaint[]>;
  /**
   * All or nothing: the server goes on with another configuration, and with the keys that the store has by now, or
   * with the one before, and then this rejects. Whoever is being answered is answered by what was there when they asked.
   */
  readonly reload: (change: Partial<ServerOptions>) => Promise<void>;
  /** Stops taking requests, lets what runs end, and closes everything. */
  readonly stop: () => Promise<void>;
};
