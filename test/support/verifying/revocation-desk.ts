import { Hono } from 'hono';
import type { Broker } from '../../../src/broker/parts.ts';
import { beginRevocation } from '../../../src/broker/revocation/revoke.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { ApiEnvironment } from '../../../src/server/api/context.ts';
import { createLive, type Live } from '../../../src/server/live/live.ts';
import { streamRevocations } from '../../../src/server/live/revocation-stream.ts';
import { dev, openTestBroker, type TestBroker } from '../broker.ts';
import { type EventReader, readEvents } from '../events.ts';

/** The log as the streams read it: it may fail, take its time, and say nothing of what is new. */
export type ReadLog = {
  trouble: Error | undefined;
  slowly: Promise<void> | undefined;
  isSilent: boolean;
  reads: number;
};

type Service = { readonly name?: string; readonly targets?: readonly string[]; readonly after?: string };

/** Services that follow the stream of revocations, and what they hear of. */
export type RevocationDesk = AsyncDisposable & {
  readonly broker: TestBroker;
  readonly live: Live;
  readonly log: ReadLog;
  readonly errors: unknown[];
  /** Resolves with the first sign of life; rejects with the refusal. */
  follow(service?: Service): Promise<EventReader>;
  hold(asker?: typeof dev): Promise<Grant>;
  revoke(grantId: string): Promise<void>;
};

/** `heardBy`: another replica's store, where the streams are not that of the broker. */
export async function openRevocationDesk(
  options: { readonly overrides?: Partial<Broker>; readonly heardBy?: Store } = {},
): Promise<RevocationDesk> {
  const broker = await openTestBroker(options.overrides);
  const log: ReadLog = { trouble: undefined, slowly: undefined, isSilent: false, reads: 0 };
  const live = createLive(watchLog(options.heardBy ?? broker.store, log), broker.clock);
  const errors: unknown[] = [];
  const readers: EventReader[] = [];
  return {
    broker,
    live,
    log,
    errors,
    follow: async ({ name = 'orders-api', targets = ['orders'], after } = {}) => {
      const asker = { name, targets, secret: new Secret('unused') };
      const onError = (error: unknown) => void errors.push(error);
      const app = new Hono<ApiEnvironment>().get('/', (c) =>
        streamRevocations(c, { ...live, clock: broker.clock, asker, onError }),
      );
      app.onError((error, c) => c.text(error.message, 429));
      const headers = after === undefined ? {} : { 'last-event-id': after };
      const response = await app.request('/', { headers });
      if (response.status !== 200) throw new Error(await response.text());
      const reader = readEvents(response);
      readers.push(reader);
      await reader.nextComment();
      return reader;
    },
    hold: async (asker = dev) => (await broker.claim(asker, (await broker.ask({}, asker)).id)).grant,
    revoke: async (grantId) => {
      const grant = await broker.store.readGrant(grantId);
      if (grant) await beginRevocation(broker, grant, { because: 'done', actor: 'dev:dev' });
    },
    [Symbol.asyncDispose]: async () => {
      for (const reader of readers) await reader.leave();
      live.feed.close();
      await broker.store.close();
    },
  };
}

function watchLog(store: Store, log: ReadLog): Store {
  const look = async (): Promise<void> => {
    log.reads += 1;
    if (log.trouble) throw log.trouble;
    await log.slowly;
  };
  return {
    ...store,
    changes: (listener) => store.changes((change) => (log.isSilent ? undefined : listener(change))),
    listChanges: (range) => look().then(() => store.listChanges(range)),
    findPosition: () => look().then(() => store.findPosition()),
  };
}
