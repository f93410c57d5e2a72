import { createIds, makeInstallationId } from '../../adapters/ids.ts';
import type { OpenStore } from '../../adapters/store/opened.ts';
import type { Ids } from '../../core/ports/ids.ts';
import type { Log } from '../../core/ports/log.ts';
import type { Meter } from '../../core/ports/meter.ts';
import type { PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Room } from '../../core/ports/room.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Secret } from '../../core/secret.ts';
import {
  INSTALLATION_SETTING,
  openQuarantine,
  type Quarantine,
  type Standing,
} from '../keeping/quarantine.ts';
import { besidesFull, startRoomKeeping } from '../keeping/room.ts';
import { tellOfStore } from '../keeping/told-store.ts';
import { withholdChanges } from '../keeping/withhold.ts';
import { type KeyKeeper, openKeyKeeper } from '../keys/keeper.ts';
import { measureStore } from '../metrics/measured-store.ts';
import { createReport, describeStanding, type Report, withRequests } from '../report.ts';
import { openMeter } from './open-meter.ts';
import type { ServerOptions } from './options.ts';
import { readStoreSecret } from './store.ts';

export type Opened = OpenStore;

/** What stays the same however often the configuration is read again. */
export type Ground = {
  readonly options: ServerOptions;
  readonly log: Log;
  readonly report: Report;
  /** Null where nobody reads figures. */
  readonly meter: Meter | null;
  readonly store: Store;
  /** After a restore nothing runs by itself until it is over. */
  readonly quarantine: Quarantine;
  readonly room: Room;
  /** Stops what is done for it. */
  readonly leaveRoom: () => Promise<void>;
  readonly protocol: ProtocolStore;
  readonly people: PeopleStore;
  readonly secret: Secret;
  /** The server's own: they change while it runs. */
  readonly keys: KeyKeeper;
  readonly ids: Ids;
  /** In the name of everything that is made at a target. */
  readonly installation: string;
  /** Tells the worker that something is due now. */
  readonly wake: () => void;
};

export async function layGround(
  options: ServerOptions,
  { opened, wake }: { readonly opened: Opened; readonly wake: () => void },
): Promise<Ground> {
  const { config, decorate, clock } = options;
  const log = withRequests(options.log);
  const report = createReport(log);
  const meter = await openMeter(options);
  const decorated = decorate ? decorate.store(opened.store) : opened.store;
  const told = tellOfStore(decorated, log);
  const installation = await told.readSetting(INSTALLATION_SETTING, async () => makeInstallationId());
  const onFound = (found: Standing): void => log(describeStanding(found));
  const quarantine = await openQuarantine({
    store: told,
    clock,
    installation,
    onFound,
    onError: report('store.failed'),
  });
  const store = withholdChanges(meter ? measureStore(told, { meter, clock }) : told, quarantine);
  const secret = await readStoreSecret({ config, onError: report('secret.exposed') });
  const keys = await openKeyKeeper({
    store,
    secret,
    clock,
    readAgainMs: options.keysReadAgainMs,
    onError: report('keys.failed'),
  });
  const ids = createIds(clock);
  const { room } = opened;
  return {
    options,
    log,
    report,
    meter,
    store,
    quarantine,
    protocol: opened.protocol,
    people: opened.people,
    secret,
    room,
    leaveRoom: startRoomKeeping({
      room,
      store,
      clock,
      ids,
      log,
      onError: besidesFull(report('store.failed')),
    }).stop,
    keys,
    ids,
    installation,
    wake,
  };
}
