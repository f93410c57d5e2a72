/** One server-sent event, as a client reads it. */
export type ReadEvent = {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** A client of an event stream. */
export type EventReader = {
  /** Resolves with the first bytes: the stream is there. */
  readonly opened: Promise<void>;
  /** The stream was closed by the server. */
  readonly ended: Promise<void>;
  readonly events: readonly ReadEvent[];
  readonly lastId: string;
  readonly bytes: number;
  /** The next events, in order. */
  take(count: number): Promise<readonly ReadEvent[]>;
  nextComment(): Promise<string>;
  leave(): Promise<void>;
};

/** Reads a stream as HTML Living Standard §9.2.6 says, as far as jit uses it. */
export function readEvents(response: Response): EventReader {
  const body = response.body;
  if (!body) throw new Error('there is no stream');
  const reader = body.getReader();
  const events: ReadEvent[] = [];
  const comments: string[] = [];
  let lastId = '';
  let bytes = 0;
  let taken = 0;
  let isOver = false;
  let wake = (): void => {};
  const opened = Promise.withResolvers<void>();
  const understand = (block: string): void => {
    const fields = block.split('\n').map((line): readonly [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    });
    const find = (name: string): string | undefined => fields.findLast(([field]) => field === name)?.[1];
    lastId = find('id') ?? lastId;
    comments.push(...fields.filter(([name]) => name === '').map(([, text]) => text));
    const data = find('data');
    if (data !== undefined)
      events.push({ event: find('event') ?? 'message', id: lastId, data: JSON.parse(data) });
  };
  const run = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      const blocks = (text + decoder.decode(value, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) understand(block);
      opened.resolve();
      wake();
    }
  };
  const ended = run()
    .catch(() => undefined)
    .then(() => {
      isOver = true;
      opened.resolve();
      wake();
    });
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) {
      if (isOver) throw new Error(`the stream ended after ${events.length} events`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    opened: opened.promise,
    ended,
    events,
    get lastId() {
      return lastId;
    },
    get bytes() {
      return bytes;
    },
    take: async (count) => {
      const from = taken;
      taken += count;
      await until(() => events.length >= from + count);
      return events.slice(from, from + count);
    },
    nextComment: async () => {
      await until(() => comments.length > 0);
      return comments.shift() ?? '';
    },
    leave: async () => {
      await reader.cancel();
      await ended;
    },
  };
}
