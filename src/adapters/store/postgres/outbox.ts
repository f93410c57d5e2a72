import type { StoreChange } from '../../../core/ports/store.ts';

/** A change as it travels. `eventId` is null for what is in no log. */
export type Told = StoreChange & { readonly eventId: string | null };

/** NOTIFY takes less than 8,000 bytes. */
const MOST_BYTES = 7_000;
const MOST_WAITING = 10_000;
/** Time for others to come along: one message for many commits. */
const GATHER_MS = 4;

export type Outbox = {
  readonly put: (told: Told) => void;
  /** Resolves when all is sent. */
  readonly drain: () => Promise<void>;
};

/** Sends what was put, many in one message, while the message before is on its way. */
export function createOutbox(from: string, send: (text: string) => Promise<void>): Outbox {
  let waiting: Told[] = [];
  let sending: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const texts = encode(from, waiting);
      waiting = [];
      for (const text of texts) await send(text);
    }
    sending = undefined;
  };
  return {
    put: (told) => {
      // Nobody hears any of it at the moment: it is in the log, where all look anyway.
      if (waiting.length >= MOST_WAITING) waiting = [];
      waiting.push(told);
      sending ??= work();
    },
    drain: async () => await sending,
  };
}

function encode(from: string, changes: readonly Told[]): readonly string[] {
  const texts: string[] = [];
  let parts: string[] = [];
  let size = 0;
  const close = (): void => {
    if (parts.length > 0) texts.push(`{"from":${JSON.stringify(from)},"changes":[${parts.join(',')}]}`);
    parts = [];
    size = 0;
  };
  for (const { eventId, requestId, grantId } of changes) {
    const part = JSON.stringify([eventId, requestId, grantId]);
    if (size + part.length > MOST_BYTES) close();
    parts.push(part);
    size += part.length + 1;
  }
  close();
  return texts;
}

/** What another server sent; undefined for what is none of it, and for one's own. */
export function decodeMessage(text: string, self: string): readonly Told[] | undefined {
  try {
    const { from, changes } = JSON.parse(text) as { from: unknown; changes: readonly (readonly unknown[])[] };
    if (from === self) return undefined;
    return changes.map(([eventId, requestId, grantId]) => ({
      eventId: toText(eventId),
      requestId: toText(requestId),
      grantId: toText(grantId),
    }));
  } catch {
    return undefined;
  }
}

function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
