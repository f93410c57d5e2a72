import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { openSlack } from '../../../src/adapters/channels/slack/open.ts';
import { createFormBrowser, type FormBrowser } from '../../../src/adapters/form-browser.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { IN_MEMORY, openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import type { Asker } from '../../../src/broker/parts.ts';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import type { Obligations } from '../../../src/core/decision.ts';
import type { PeopleStore } from '../../../src/core/ports/people-store.ts';
import type { AccessRequest, Asked } from '../../../src/core/request.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createSlackRoutes } from '../../../src/server/channels/slack-routes.ts';
import { createAddressReader } from '../../../src/server/http/address.ts';
import { createErrorAnswer } from '../../../src/server/http/unexpected.ts';
import { createWebSessions } from '../../../src/server/pages/web-sessions.ts';
import { START_AT, type TestBroker } from '../broker.ts';
import { openReviewBroker } from '../reviews/reviewing.ts';
import {
  buildClick,
  buildSubmission,
  type Delivery,
  type FakeSlack,
  type SlackPerson,
  signDelivery,
  startFakeSlack,
} from './fake-slack.ts';

const LIMITS = { sessionSeconds: 43_200, idleSeconds: 43_200 };

export type SlackAnswer = { readonly status: number; readonly body: string };

/** `/channels/slack` over a broker whose time, policy and people are in the test's hands, and a fake Slack. */
export type SlackStage = AsyncDisposable & {
  readonly url: string;
  readonly broker: TestBroker;
  readonly slack: FakeSlack;
  readonly people: PeopleStore;
  readonly errors: readonly unknown[];
  /** Asks, as `dev` unless told otherwise, and posts the card. */
  ask(changes?: Partial<Asked>, asker?: Asker): Promise<AccessRequest>;
  /** The account is this person's from now on. */
  link(account: SlackPerson, asker: Asker): Promise<void>;
  /** The card of the newest request, as it stands. */
  card(): Readonly<Record<string, unknown>> | undefined;
  post(delivery: Delivery, headers?: Readonly<Record<string, string>>): Promise<SlackAnswer>;
  press(action: string, by: SlackPerson): Promise<SlackAnswer>;
  /** Submits the newest form that was opened. */
  submit(reason: string, by: SlackPerson): Promise<SlackAnswer>;
  read(request: AccessRequest): Promise<AccessRequest | undefined>;
  listEvents(request: AccessRequest): Promise<readonly AuditEvent[]>;
  /** A browser without script in which this person is logged in. */
  browse(asker: Asker, authenticatedAt?: number): Promise<FormBrowser>;
};

export async function openSlackStage(obligations: Partial<Obligations> = {}): Promise<SlackStage> {
  const slack = await startFakeSlack();
  const channels = new Map();
  const broker = await openReviewBroker(obligations, { channels });
  const { clock } = broker;
  const outgoing = createOutgoing({ urls: [slack.config.apiUrl], allow: [] });
  const { channel, chat } = openSlack({ config: slack.config, clock, outgoing });
  channels.set(channel.name, channel);
  const { people, protocol, close } = await openSqliteStore({ path: IN_MEMORY, clock });
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secret = new Secret('a secret of the tests, as long as it needs to be');
  const webSessions = createWebSessions({ protocol, clock, limits: LIMITS, cookieSecrets: () => [secret] });
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError(createErrorAnswer({ installName: 'jit.example.com', onError }));
  const identity = { find: broker.directory.find };
  const pages = { url, installName: 'jit.example.com', webSessions, identity, clock, secret };
  const readAddress = createAddressReader([]);
  const desk = { chat, signingSecret: slack.config.signingSecret };
  app.route('/', createSlackRoutes(desk, { ...pages, broker, people, protocol, readAddress, onError }));
  server.on('request', getRequestListener(app.fetch));

  const card = () => [...slack.messages.values()].findLast((message) => message.thread_ts === undefined);
  const post: SlackStage['post'] = async ({ body, headers }, others = {}) => {
    const call = { method: 'POST', body, headers: { ...headers, ...others } };
    const response = await fetch(`${url}/channels/slack/actions`, call);
    return { status: response.status, body: await response.text() };
  };
  return {
    url,
    broker,
    slack,
    people,
    errors,
    card,
    post,
    ask: async (changes, asker) => {
      const request = await broker.ask(changes, asker);
      await broker.runDue();
      return request;
    },
    link: ({ team, id }, { principal: { subject } }) =>
      people.link({ channel: 'slack', externalId: `${team}:${id}`, subject, linkedAt: START_AT }),
    press: (action, by) => post(signDelivery(buildClick(card(), { action, by }), { at: clock.now() })),
    submit: async (reason, by) => {
      const { body } = await slack.see('views.open');
      const view = body.view as Readonly<Record<string, unknown>>;
      return post(signDelivery(buildSubmission(view, { reason, by }), { at: clock.now() }));
    },
    read: (request) => broker.store.readRequest(request.id),
    listEvents: (request) => broker.store.listEvents({ requestId: request.id, limit: 100 }),
    browse: async ({ principal }, authenticatedAt = clock.now()) => {
      const browser = createFormBrowser();
      const login = { subject: principal.subject, authenticatedAt, strengths: [] };
      browser.cookies.set('jit_session', await webSessions.start(login, webSessions.makeId()));
      return browser;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([slack[Symbol.asyncDispose](), close(), broker.store.close()]);
    },
  };
}
