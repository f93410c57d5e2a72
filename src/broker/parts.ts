import type { Catalogue } from '../core/catalogue.ts';
import type { BreakGlassRules, LimitsConfig, ReviewRules } from '../core/config.ts';
import { fail } from '../core/errors.ts';
import type { Channel } from '../core/ports/channel.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Connector } from '../core/ports/connector.ts';
import type { Directory } from '../core/ports/directory.ts';
import type { GrantSigner } from '../core/ports/grant-signer.ts';
import type { Ids } from '../core/ports/ids.ts';
import type { Logins } from '../core/ports/logins.ts';
import type { PolicyEngine } from '../core/ports/policy.ts';
import type { Store } from '../core/ports/store.ts';
import type { Login, Principal } from '../core/principal.ts';

export type BrokerSettings = {
  /** The server's own address, in front of every link. */
  readonly url: string;
  readonly timeZone: string;
  readonly pendingTtlSeconds: number;
  readonly claimWindowSeconds: number;
  readonly review: ReviewRules;
  readonly breakGlass: BreakGlassRules;
  readonly limits: LimitsConfig;
  /** A revocation that is not confirmed after this calls people. */
  readonly alertAfterSeconds: number;
};

/**
 * What is counted apart: who may not ask for more can still give back, and log in where access is live. A sweep is a look at
 * all live grants, or the end of many.
 */
export type Paced = 'requests' | 'sweeps' | 'certificates';

/** Throws `too_many` where this caller has asked as often in this minute as they may. */
export type KeepPace = (asker: Pick<Asker, 'principal'>, what?: Paced) => void;

/** All that the authority's steps are built from. Put together by `buildBroker` in `server/compose/site.ts`, nowhere else. */
export type Broker = {
  readonly store: Store;
  readonly policy: PolicyEngine;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly signer: GrantSigner;
  readonly directory: Directory;
  readonly catalogue: Catalogue;
  /** By target name. */
  readonly connectors: ReadonlyMap<string, Connector>;
  /** By name. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly logins: Logins;
  readonly settings: BrokerSettings;
  readonly keepPace: KeepPace;
  /** Tells the worker that something is due now. */
  readonly wake: () => void;
};

/** Who is asking, how they logged in, and from where: all of it the server's own observation (S2). */
export type Asker = {
  readonly principal: Principal;
  readonly login: Login;
  readonly ip: string;
  /** Of the key that the caller proved (RFC 7638); absent in a browser, which has none. */
  readonly keyThumbprint?: string;
};

export function requireConnector(broker: Pick<Broker, 'connectors'>, target: string): Connector {
  const connector = broker.connectors.get(target);
  if (!connector) throw fail('target_failed', { target, why: 'it is not configured any more' });
  return connector;
}
