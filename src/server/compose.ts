import { createIds, makeInstallationId } from '../adapters/ids.ts';
import { openCedarPolicy } from '../adapters/policy/cedar.ts';
import { readPolicyFolder } from '../adapters/policy/folder.ts';
import { readServerSecret } from '../adapters/server-secret.ts';
import { openSqliteStore } from '../adapters/store/open-sqlite.ts';
import { createClaim } from '../broker/claim.ts';
import type { Broker } from '../broker/parts.ts';
import { runWork } from '../broker/work.ts';
import { startWorker, type Worker } from '../broker/worker.ts';
import type { ConnectorKind } from '../core/config/connector-kind.ts';
import { SAMPLE_CATALOGUE } from '../core/config/default.ts';
import { buildCatalogue, type ServerConfig } from '../core/config.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Connector } from '../core/ports/connector.ts';
import type { PolicyEngine } from '../core/ports/policy.ts';
import type { Store } from '../core/ports/store.ts';
import type { Secret } from '../core/secret.ts';
import { openChannels } from './compose/channels.ts';
import { openCompany } from './compose/company.ts';
import { openConnectors } from './compose/connectors.ts';
import { startRenewalsFor } from './compose/renewals.ts';
import { createSecretReader } from './compose/secrets.ts';
import { openWorkloads } from './compose/workloads.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Patience, startHttp } from './http.ts';
import { createLive } from './live/live.ts';
import { openSigningKeys } from './oauth/keys.ts';
import { createTokenSigner } from './token-signer.ts';
import { createWaiters } from './waiters.ts';
import { buildWeb } from './web.ts';

export type ServerOptions = {
  readonly config: ServerConfig;
  readonly clock: Clock;
  /** Those that come with jit, and those of plugins; where nothing is said, the former alone. */
  readonly kinds?: readonly ConnectorKind[] | undefined;
  /** Where the sample policies are, for a configuration that names no folder of its own. */
  readonly samplePoliciesFolder: string;
  /** What development users type to log in (OAU-08). */
  readonly pin: Secret;
  /** Told of everything that is nobody's request's fault. */
  readonly onError: (error: unknown) => void;
  /** Puts something around the store and the connectors: how fault tests stop the server at a chosen write. */
  readonly decorate?: {
    readonly store: (store: Store) => Store;
    readonly connector: (connector: Connector) => Connector;
  };
  /** Less than the limits, for tests that cannot wait. */
  readonly patience?: Partial<Patience>;
};

export type RunningServer = {
  readonly url: string;
  /** Stops taking requests, lets what runs end, and closes everything. */
  readonly stop: () => Promise<void>;
};

/** The approval server, whole: chooses every adapter and starts what runs by itself. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, clock, onError } = options;
  const opened = await openSqliteStore({ path: config.store.path, clock });
  try {
    const store = options.decorate ? options.decorate.store(opened.store) : opened.store;
    const secret =
      config.secret ?? (await readServerSecret({ path: `${config.store.path}.key`, onExposed: onError }));
    const keys = await openSigningKeys({
      secret,
      readSetting: (name, make) => store.readSetting(name, make),
      algorithms: config.targets.flatMap(({ algorithm }) => algorithm ?? []),
    });
    const policy = await openPolicy(options);
    const connectors = await openTargets(options, { store, secret });
    const { channels, slack } = openChannels(config, { clock });
    let worker: Worker | undefined;
    const catalogue = buildCatalogue(config);
    const ids = createIds(clock);
    const { protocol, people } = opened;
    const company = openCompany(options);
    const workloads = openWorkloads(config);
    const web = buildWeb({ ...options, ids, secret, keys, protocol, store, people, company, workloads });
    const broker: Broker = {
      store,
      policy,
      clock,
      catalogue,
      connectors,
      ids,
      signer: createTokenSigner({ url: config.url, clock, keys, catalogue }),
      directory: web.directory,
      logins: web.logins,
      channels,
      settings: {
        url: config.url,
        timeZone: config.timeZone,
        pendingTtlSeconds: config.pendingSeconds,
        claimWindowSeconds: config.claimWindowSeconds,
        review: config.review,
        breakGlass: config.breakGlass,
      },
      wake: () => worker?.wake(),
    };
    const waiters = createWaiters(store);
    const live = createLive(store);
    const app = web.buildApp({ broker, waiters, ...live, slack, claim: createClaim(broker) });
    const http = await startHttp({
      url: config.url,
      listen: config.listen,
      authorization: web.authorization,
      app,
      ...(options.patience ? { patience: options.patience } : {}),
    });
    worker = startWorker({ store, clock, run: (work) => runWork(broker, work), onError });
    const housekeeping = startHousekeeping({
      broker,
      protocol: opened.protocol,
      clock,
      onStray: ({ target, handle }) => onError(new Error(`removed ${handle} at ${target}: nobody holds it`)),
      onError,
    });
    const renewals = startRenewalsFor({ ...options, broker, web, protocol, people, secret });
    return {
      url: config.url,
      stop: async () => {
        waiters.close();
        live.feed.close();
        await http.close();
        // First: a delivery that is under way ends, and is tried again after the next start.
        await Promise.all([...channels.values()].map((channel) => channel.close()));
        await Promise.all([worker?.stop(), housekeeping.stop(), renewals?.stop()]);
        await Promise.all([...connectors.values()].map((connector) => connector.close()));
        await opened.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The samples speak of the whole sample catalogue, also where this machine has no database to offer. */
async function openPolicy({ config, samplePoliciesFolder }: ServerOptions): Promise<PolicyEngine> {
  const catalogue = config.policiesFolder === null ? SAMPLE_CATALOGUE : buildCatalogue(config);
  return openCedarPolicy({
    files: await readPolicyFolder(config.policiesFolder ?? samplePoliciesFolder),
    catalogue,
  });
}

async function openTargets(
  { config, clock, decorate, kinds }: ServerOptions,
  { store, secret }: { readonly store: Store; readonly secret: Secret },
): Promise<ReadonlyMap<string, Connector>> {
  const installation = await store.readSetting('installation', async () => makeInstallationId());
  const connectors = openConnectors(config.targets, {
    clock,
    installation,
    kinds,
    readSecret: createSecretReader(store, secret),
  });
  if (!decorate) return connectors;
  return new Map([...connectors].map(([name, connector]) => [name, decorate.connector(connector)]));
}
