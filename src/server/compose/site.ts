import { openCedarPolicy } from '../../adapters/policy/cedar.ts';
import { readPolicyFolder } from '../../adapters/policy/folder.ts';
import { createClaim } from '../../broker/grant/claim.ts';
import type { Broker } from '../../broker/parts.ts';
import { createPace } from '../../broker/request/pace.ts';
import { lookAtRequest } from '../../broker/view/look.ts';
import { SAMPLE_CATALOGUE } from '../../core/config/default.ts';
import { buildCatalogue, type ServerConfig } from '../../core/config.ts';
import type { Connector } from '../../core/ports/connector.ts';
import type { PolicyEngine } from '../../core/ports/policy.ts';
import { answerBy, type HttpSite } from '../http/http.ts';
import { startForgetting } from '../keeping/forgetting.ts';
import { startHousekeeping } from '../keeping/housekeeping.ts';
import { besidesFull, withholdClaim } from '../keeping/room.ts';
import { withholdAction } from '../keeping/withhold.ts';
import { createLive } from '../live/live.ts';
import { createSharedLooks } from '../live/shared-looks.ts';
import { createWaiters } from '../live/waiters.ts';
import { createTokenSigner } from '../oauth/tokens/token-signer.ts';
import { buildWeb, type Web } from '../web.ts';
import { openChannels } from './channels.ts';
import { openCompany } from './company.ts';
import { openConnectors } from './connectors.ts';
import type { Ground } from './ground.ts';
import type { ServerOptions } from './options.ts';
import { startRenewalsFor } from './renewals.ts';
import { createSecretReader, createSecretReplacer } from './secrets.ts';
import { openWorkloads } from './workloads.ts';

/** What a site is made of: the configuration and what it speaks of. Keys are read from the store. */
export type SiteOptions = {
  readonly options: ServerOptions;
  /** Connectors of targets that the configuration does not have any more: something may still have to be removed there. */
  readonly carried?: ReadonlyMap<string, Connector>;
};

/** All of the server that its configuration and its keys make: when either changes, another site takes its place. */
export type Site = HttpSite & {
  readonly config: ServerConfig;
  readonly broker: Broker;
  /** Starts what runs by itself. */
  readonly begin: () => void;
  /** Ends long polls and streams: their clients ask again. */
  readonly sendHome: () => void;
  /** A delivery that is under way ends, and is tried again later. */
  readonly hush: () => Promise<void>;
  /** Ends what runs by itself. */
  readonly rest: () => Promise<void>;
  /** Closes what it opened, besides what another site goes on using. */
  readonly close: (next?: Site) => Promise<void>;
};

export async function openSite(ground: Ground, { options, carried }: SiteOptions): Promise<Site> {
  const { config } = options;
  // First what may be wrong, then what must be closed again.
  const open = (): Promise<PolicyEngine> => openPolicy(options);
  const policy = await (options.decorate?.policy?.(open) ?? open());
  const { signing: keys, listCookieSecrets: cookieSecrets } = ground.keys;
  await ground.keys.demand(config.targets.flatMap(({ algorithm }) => algorithm ?? []));
  const company = openCompany(options);
  const web = buildWeb({
    ...options,
    ...ground,
    onError: ground.report('request.failed'),
    keys,
    cookieSecrets,
    company,
    workloads: openWorkloads(config),
  });
  const opened = openTargets(ground, options);
  const { channels, slack } = await openOrClose(opened, () => openChannels(config, options));
  const connectors = new Map([...(carried ?? []), ...opened]);
  const broker = buildBroker(ground, { config, policy, web, connectors, channels, keys });
  return assemble(ground, { options, web, broker, slack });
}

type Assembly = Pick<SiteOptions, 'options'> & {
  readonly web: Web;
  readonly broker: Broker;
  readonly slack: ReturnType<typeof openChannels>['slack'];
};

function assemble(ground: Ground, { options: { config }, web, broker, slack }: Assembly): Site {
  const waiters = createWaiters(ground.store);
  const looks = createSharedLooks(ground.store, (id) => lookAtRequest(broker, id));
  const live = createLive(ground.store, broker.clock);
  const claim = withholdAction(withholdClaim(createClaim(broker), ground.room), ground.quarantine);
  const app = web.buildApp({ broker, waiters, looks, ...live, slack, claim });
  const running: { readonly stop: () => Promise<void> }[] = [];
  let forget = (): void => {};
  return {
    config,
    broker,
    authorization: web.authorization,
    respond: answerBy(app),
    begin: () => {
      running.push(startForgettingOf(ground));
      forget = ground.quarantine.whenOver(() =>
        running.push(...startClockwork(ground, { config, web, broker })),
      );
    },
    sendHome: () => {
      waiters.close();
      looks.close();
      live.feed.close();
    },
    hush: () => closeAll(broker.channels.values()),
    rest: async () => {
      forget();
      await Promise.all(running.map(({ stop }) => stop()));
    },
    close: (next) => {
      const kept = new Set(next?.broker.connectors.values());
      return closeAll([...broker.connectors.values()].filter((connector) => !kept.has(connector)));
    },
  };
}

/** A channel that cannot be opened leaves no connector open behind it. */
async function openOrClose<T>(opened: ReadonlyMap<string, Connector>, open: () => T): Promise<T> {
  try {
    return open();
  } catch (error) {
    await closeAll(opened.values());
    throw error;
  }
}

async function closeAll(opened: Iterable<{ close(): Promise<void> }>): Promise<void> {
  await Promise.all([...opened].map((one) => one.close()));
}

type Clockwork = Pick<Site, 'config' | 'broker'> & { readonly web: Web };

function startClockwork(ground: Ground, { config, web, broker }: Clockwork) {
  const {
    log,
    report,
    options: { clock },
  } = ground;
  const housekeeping = startHousekeeping({
    broker,
    clock,
    isHeld: ground.quarantine.isHeld,
    onMissing: ({ target, handle }) =>
      log({ level: 'warn', event: 'credential.missing', fields: { target, handle } }),
    onError: besidesFull(report('housekeeping.failed')),
  });
  const renewals = startRenewalsFor({ ...ground, onError: report('company.failed'), config, broker, web });
  return renewals ? [housekeeping, renewals] : [housekeeping];
}

function startForgettingOf({ protocol, quarantine, options: { clock }, report }: Ground) {
  const onError = besidesFull(report('housekeeping.failed'));
  return startForgetting({ protocol, clock, isOthers: quarantine.isReplaced, onError });
}

type Parts = Pick<Broker, 'policy' | 'connectors' | 'channels'> & {
  readonly config: ServerConfig;
  readonly web: Web;
  readonly keys: Parameters<typeof createTokenSigner>[0]['keys'];
};

function buildBroker(ground: Ground, { config, web, keys, ...parts }: Parts): Broker {
  const catalogue = buildCatalogue(config);
  const { clock } = ground.options;
  const settings = {
    url: config.url,
    timeZone: config.timeZone,
    pendingTtlSeconds: config.pendingSeconds,
    claimWindowSeconds: config.claimWindowSeconds,
    review: config.review,
    breakGlass: config.breakGlass,
    limits: config.limits,
    alertAfterSeconds: config.alertAfterSeconds,
  };
  return {
    ...parts,
    store: ground.store,
    clock,
    catalogue,
    ids: ground.ids,
    signer: createTokenSigner({ url: config.url, clock, keys, catalogue }),
    directory: web.directory,
    logins: web.logins,
    settings,
    keepPace: createPace({ clock, settings }),
    wake: ground.wake,
  };
}

/** The samples speak of the whole sample catalogue, also where this machine has no database to offer. */
async function openPolicy({
  config,
  samplePoliciesFolder,
}: Pick<ServerOptions, 'config' | 'samplePoliciesFolder'>): Promise<PolicyEngine> {
  const catalogue = config.policiesFolder === null ? SAMPLE_CATALOGUE : buildCatalogue(config);
  return openCedarPolicy({
    files: await readPolicyFolder(config.policiesFolder ?? samplePoliciesFolder),
    catalogue,
  });
}

function openTargets(
  { store, secret, installation, ids }: Ground,
  { config, kinds, clock, decorate }: ServerOptions,
): ReadonlyMap<string, Connector> {
  const connectors = openConnectors(config.targets, {
    clock,
    installation,
    kinds,
    readSecret: createSecretReader(store, secret),
    replaceSecret: createSecretReplacer({ store, secret, clock, ids }),
  });
  if (!decorate) return connectors;
  return new Map([...connectors].map(([name, connector]) => [name, decorate.connector(connector)]));
}
