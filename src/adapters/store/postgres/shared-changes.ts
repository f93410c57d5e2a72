import { randomUUID } from 'node:crypto';
import { type Changes, createChanges, type OnError } from '../changes.ts';
import type { LogEntry, LogRange } from '../queries/event-queries.ts';
import { createOutbox, decodeMessage, type Told } from './outbox.ts';
import type { PostgresAddress } from './pool.ts';
import { createSeenNames } from './seen-names.ts';
import { Wire } from './wire.ts';

/** The longest that a change can stay unheard whose message was lost. */
const LOOK_EVERY_MS = 500;
const MOST_AT_ONCE = 1_000;

export type SharedChanges = Changes & {
  /** Resolves when nothing can be missed any more that is committed from then on. */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type SharedChangesParts = {
  readonly address: PostgresAddress;
  readonly onError: OnError;
  readonly findPosition: () => Promise<number>;
  readonly readLog: (range: LogRange) => Promise<readonly LogEntry[]>;
};

/**
 * Those of every server of one database. One's own are told at once, those of others when their message comes, which is
 * some milliseconds; what no message came of is found in the log, at the latest after half a second.
 */
export function createSharedChanges({ address, onError, ...log }: SharedChangesParts): SharedChanges {
  const local = createChanges(onError);
  const self = randomUUID();
  const heard = createSeenNames();
  const tell = ({ eventId, requestId, grantId }: Told): void => {
    if (eventId === null || heard.add(eventId)) local.emit({ requestId, grantId }, eventId);
  };
  const watch = createWatch(log, tell);
  const wire = new Wire(address, {
    onMessage: (text) => {
      for (const told of decodeMessage(text, self) ?? []) tell(told);
    },
    onConnected: watch.look,
  });
  const outbox = createOutbox(self, (text) => wire.send(text));
  return {
    open: async () => {
      await watch.begin();
      await wire.open();
    },
    listen: local.listen,
    emit: (change, eventId) => {
      const told = { ...change, eventId };
      tell(told);
      outbox.put(told);
    },
    close: async () => {
      await watch.close();
      await outbox.drain();
      await wire.close();
    },
  };
}

type Watch = {
  readonly begin: () => Promise<void>;
  readonly look: () => void;
  readonly close: () => Promise<void>;
};

/** Reads on in the log, from where it ended at the beginning. */
function createWatch(
  log: Omit<SharedChangesParts, 'address' | 'onError'>,
  tell: (told: Told) => void,
): Watch {
  let position = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let isClosed = false;
  const readOn = async (): Promise<void> => {
    for (let isMore = true; isMore && !isClosed; ) {
      const entries = await log.readLog({ after: position, limit: MOST_AT_ONCE });
      entries.forEach(tell);
      position = entries.at(-1)?.position ?? position;
      isMore = entries.length === MOST_AT_ONCE;
    }
  };
  const look = (): void => {
    if (isClosed || looking) return;
    clearTimeout(timer);
    // While nobody answers, whoever asks for something is told so; here it is tried again.
    looking = readOn()
      .catch(() => {})
      .finally(() => {
        looking = undefined;
        if (!isClosed) timer = setTimeout(look, LOOK_EVERY_MS);
      });
  };
  return {
    begin: async () => {
      position = await log.findPosition();
      timer = setTimeout(look, LOOK_EVERY_MS);
    },
    look,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
