import { Hono } from 'hono';
import type { Asker } from '../../src/broker/parts.ts';
import { lookAtRequest } from '../../src/broker/view/look.ts';
import { fail } from '../../src/core/errors.ts';
import { type ApiEnvironment, type ApiParts, buildApi } from '../../src/server/api/index.ts';
import { createLive, type Live } from '../../src/server/live/live.ts';
import { createSharedLooks } from '../../src/server/live/shared-looks.ts';
import { createWaiters } from '../../src/server/live/waiters.ts';
import { openTestBroker, type TestBroker } from './broker.ts';
import { judgeAnswer } from './sources/openapi.ts';

/** What a route answered, read, and held against the description of `/v1`. */
export type Answer<T> = { readonly status: number; readonly body: T };

export type TestApi = AsyncDisposable & {
  readonly broker: TestBroker;
  readonly live: Live;
  readonly app: Hono<ApiEnvironment>;
  readonly errors: readonly unknown[];
  /** One call as somebody; the proof of who it is has tests of its own. */
  get<T = Record<string, unknown>>(asker: Asker, path: string): Promise<Answer<T>>;
  post<T = Record<string, unknown>>(asker: Asker, path: string, body: unknown): Promise<Answer<T>>;
  /** As it arrives: for streams and headers. */
  send(asker: Asker, path: string, init?: RequestInit): Promise<Response>;
  /** The session of this account is over; calls and streams learn of it. */
  logOut(asker: Asker): void;
};

const WHO = 'test-asker';

/** All of `/v1` over a broker with time, policy and target in the test's hands. */
export async function openTestApi(broker?: TestBroker): Promise<TestApi> {
  const own = broker ?? (await openTestBroker());
  const live = createLive(own.store, own.clock);
  const waiters = createWaiters(own.store);
  const looks = createSharedLooks(own.store, (id) => lookAtRequest(own, id));
  const errors: unknown[] = [];
  const askers = new Map<string, Asker>();
  const findAsker = (name: string | undefined): Asker | undefined => askers.get(name ?? '');
  const parts: ApiParts & { readonly challenge: string } = {
    broker: own,
    ...live,
    waiters,
    looks,
    claim: own.claim,
    challenge: own.settings.url,
    authenticate: async (c) => {
      const asker = findAsker(c.req.header(WHO));
      if (!asker) throw fail('session_expired', { server: own.settings.url });
      return asker;
    },
    isStillLoggedIn: async (c) => findAsker(c.req.header(WHO)) !== undefined,
    authenticateAgain: async (c) => findAsker(c.req.header(WHO)),
    onError: (error) => errors.push(error),
  };
  const app = new Hono<ApiEnvironment>();
  app.route('/', buildApi(parts));
  const loggedOut = new Set<string>();
  const send: TestApi['send'] = async (asker, path, init = {}) => {
    const { subject } = asker.principal;
    if (!loggedOut.has(subject)) askers.set(subject, asker);
    return app.request(
      path,
      { ...init, headers: { ...init.headers, [WHO]: subject } },
      { incoming: undefined },
    );
  };
  const read = async <T>(method: string, path: string, response: Response): Promise<Answer<T>> => {
    const body: unknown = await response.json();
    const type = response.headers.get('content-type') ?? '';
    const fault = judgeAnswer({ method, path, status: response.status, type, body });
    if (fault) throw new Error(fault);
    return { status: response.status, body: body as T };
  };
  return {
    broker: own,
    live,
    app,
    errors,
    send,
    get: async (asker, path) => read('GET', path, await send(asker, path)),
    post: async (asker, path, body) =>
      read('POST', path, await send(asker, path, { method: 'POST', body: JSON.stringify(body) })),
    logOut: ({ principal }) => {
      loggedOut.add(principal.subject);
      askers.delete(principal.subject);
    },
    [Symbol.asyncDispose]: async () => {
      waiters.close();
      looks.close();
      live.feed.close();
      await own.store.close();
    },
  };
}
