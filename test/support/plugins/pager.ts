import { createServer } from 'node:http';
import { until } from '../until.ts';

export type PagerEvent = {
  readonly event_action: 'trigger' | 'resolve';
  readonly dedup_key: string;
  readonly payload: { readonly summary: string; readonly custom_details: { readonly kind: string } };
};

/** The other side of examples/plugins/pager.js. */
export type Pager = AsyncDisposable & {
  readonly url: string;
  readonly events: readonly PagerEvent[];
  /** The authorization of each attempt, refused ones too. */
  readonly keys: readonly string[];
  /** How many attempts from now on are answered with 503. */
  refuse(count: number): void;
  /** Waits for an event of this kind about this request. */
  see(kind: string, requestId: string): Promise<PagerEvent>;
};

export async function startPager(): Promise<Pager> {
  const events: PagerEvent[] = [];
  const keys: string[] = [];
  let refusals = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    keys.push(request.headers.authorization ?? '');
    refusals -= 1;
    if (refusals < 0) events.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(refusals < 0 ? 202 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v2/enqueue`,
    events,
    keys,
    refuse: (count) => {
      refusals = count;
    },
    see: (kind, requestId) =>
      until(`told of ${kind}`, async () =>
        events.find(
          ({ dedup_key, payload }) => dedup_key === requestId && payload.custom_details.kind === kind,
        ),
      ),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
