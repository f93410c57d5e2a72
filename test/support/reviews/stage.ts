import { createServer } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { createFormBrowser, type FormBrowser } from '../../../src/adapters/form-browser.ts';
import type { Asker, Broker } from '../../../src/broker/parts.ts';
import { submit } from '../../../src/broker/request/submit.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { Asked } from '../../../src/core/request.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createAddressReader } from '../../../src/server/http/address.ts';
import { createErrorAnswer } from '../../../src/server/http/unexpected.ts';
import { createFeed } from '../../../src/server/live/feed.ts';
import { createSeats } from '../../../src/server/live/seats.ts';
import { createAssetRoutes } from '../../../src/server/pages/asset-routes.ts';
import { framePages } from '../../../src/server/pages/page-frame.ts';
import { createReviewPages } from '../../../src/server/pages/review/review-pages.ts';
import { createWebSessions } from '../../../src/server/pages/web-sessions.ts';
import { buildAsked, dev, openTestBroker, START_AT, type TestBroker } from '../broker.ts';
import { createMemoryProtocolStore } from '../fakes/memory-protocol-store.ts';

const LIMITS = { sessionSeconds: 43_200, idleSeconds: 43_200 };
export const COOKIE = 'jit_session';

/** The pages of review over the test broker: time, policy and people are in the test's hands. */
export type ReviewStage = AsyncDisposable & {
  readonly url: string;
  readonly broker: TestBroker;
  readonly errors: readonly unknown[];
  /** The cookie of somebody who is logged in since `authenticatedAt`, which is now unless it is said. */
  enter(asker: Asker, authenticatedAt?: number): Promise<string>;
  /** A browser without script in which somebody is logged in. */
  browse(asker: Asker): Promise<FormBrowser>;
  /** A pending request. */
  ask(changes?: Partial<Asked>, asker?: Asker): Promise<string>;
  /** A live grant. */
  grant(changes?: Partial<Asked>, asker?: Asker): Promise<Grant>;
};

export async function openReviewStage(overrides: Partial<Broker> = {}): Promise<ReviewStage> {
  const broker = await openTestBroker(overrides);
  const { clock, policy } = broker;
  const errors: unknown[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const webSessions = createWebSessions({
    protocol: createMemoryProtocolStore(),
    clock,
    limits: LIMITS,
    cookieSecrets: () => [new Secret('a secret of the tests, as long as it needs to be')],
  });
  const onError = (error: unknown) => void errors.push(error);
  const feed = createFeed(broker.store, clock);
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError(createErrorAnswer({ installName: 'jit.example.com', onError }));
  const identity = { find: broker.directory.find };
  const seats = createSeats({ what: 'event streams', mostPerPerson: 8, mostInAll: 64 });
  const parts = {
    url,
    installName: 'jit.example.com',
    timeZone: 'Europe/Rome',
    clock,
    webSessions,
    identity,
  };
  const readAddress = createAddressReader([]);
  // There is no login here, but what leads to it is framed as the login is.
  app.use('/login', framePages(url));
  app.route('/', createAssetRoutes(url));
  app.route('/', createReviewPages({ ...parts, readAddress, broker, live: { feed, seats }, onError }));
  server.on('request', getRequestListener(app.fetch));
  const enter = (asker: Asker, authenticatedAt = clock.now()) =>
    webSessions.start(
      { subject: asker.principal.subject, authenticatedAt, strengths: [] },
      webSessions.makeId(),
    );
  let keys = 0;
  policy.outcome = 'needs_people';
  const submitAs = async (changes: Partial<Asked>, asker: Asker) => {
    keys += 1;
    const order = { asker, asked: buildAsked(changes), idempotencyKey: `stage-${keys}` };
    return (await submit(broker, order)).request;
  };
  return {
    url,
    broker,
    errors,
    enter,
    browse: async (asker) => {
      const browser = createFormBrowser();
      browser.cookies.set(COOKIE, await enter(asker));
      return browser;
    },
    ask: async (changes = {}, asker = dev) => (await submitAs(changes, asker)).id,
    grant: async (changes = {}, asker = dev) => {
      policy.outcome = 'automatic';
      try {
        const request = await submitAs(changes, asker);
        return (await broker.claim(asker, request.id)).grant;
      } finally {
        policy.outcome = 'needs_people';
      }
    },
    [Symbol.asyncDispose]: async () => {
      feed.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await broker.store.close();
    },
  };
}

export { START_AT };
