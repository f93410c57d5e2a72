import { Hono } from 'hono';
import { buildEvent } from '../../broker/events.ts';
import type { Broker } from '../../broker/parts.ts';
import { PAGE_FORM_BYTES, SLACK_LINK_SECONDS } from '../../core/limits.ts';
import type { PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Secret } from '../../core/secret.ts';
import type { ApiEnvironment } from '../api/context.ts';
import { limitBody } from '../http/body-limit.ts';
import { renderErrorPage } from '../pages/error-page.tsx';
import { refuseForm } from '../pages/form-refusal.ts';
import { buildLoginPath } from '../pages/next.ts';
import { framePages, type PageContext, readForm } from '../pages/page-frame.ts';
import { requireWebSession, type Visitor, type VisitorOptions } from '../pages/visitor.ts';
import { renderLinkedPage, renderLinkPage } from './link-page.tsx';
import { type LinkState, readLinkState, SLACK_LINK_PATH } from './slack-link-state.ts';
import { SLACK } from './slack-people.ts';

export type SlackLinkParts = VisitorOptions & {
  readonly broker: Pick<Broker, 'store' | 'ids' | 'clock'>;
  readonly people: Pick<PeopleStore, 'link'>;
  readonly protocol: Pick<ProtocolStore, 'insertOnce'>;
  readonly secret: Secret;
  readonly installName: string;
};

/** Somebody who left a browser open is not who decides in Slack from then on: the login must be of this moment. */
const DEMAND = { maxAgeSeconds: SLACK_LINK_SECONDS, strengths: [] };
const USED = 'JitSlackLink';

/** Where a person says, logged in, that an account at Slack is theirs. The GET changes nothing (S13). */
export function createSlackLinkPages(parts: SlackLinkParts): Hono<ApiEnvironment> {
  const pages = new Hono<ApiEnvironment>();
  const limit = limitBody({ maxSize: PAGE_FORM_BYTES, onError: (c) => refuseForm(c, parts, 'large') });
  pages.use(SLACK_LINK_PATH, framePages(parts.url), limit);
  pages.get(SLACK_LINK_PATH, (c) => ask(c, parts));
  pages.post(SLACK_LINK_PATH, (c) => answer(c, parts));
  return pages;
}

async function ask(c: PageContext, parts: SlackLinkParts): Promise<Response> {
  const state = c.req.query('state') ?? '';
  const account = readLinkState(state, { secret: parts.secret, now: parts.clock.now() });
  if (!account) return refuse(c, parts);
  const visitor = await requireWebSession(c, { ...parts, demand: DEMAND });
  if (visitor instanceof Response) return visitor;
  const csrf = parts.webSessions.makeCsrf(visitor.browserId);
  const otherPath = buildLoginPath({ next: buildPath(state), demand: DEMAND, asOther: true });
  return c.html(renderLinkPage({ ...describe(parts, account, visitor), csrf, state, otherPath }));
}

async function answer(c: PageContext, parts: SlackLinkParts): Promise<Response> {
  const form = await readForm(c, parts);
  if (form.kind !== 'form') return refuseForm(c, parts, form.kind);
  const state = form.field('state');
  const account = readLinkState(state, { secret: parts.secret, now: parts.clock.now() });
  if (!account) return refuse(c, parts);
  const visitor = await requireWebSession(c, { ...parts, demand: DEMAND, next: buildPath(state) });
  if (visitor instanceof Response) return visitor;
  const isFirst = await parts.protocol.insertOnce({ kind: USED, id: state, expiresAt: account.expiresAt });
  if (!isFirst || visitor.principal.kind !== 'person') return refuse(c, parts);
  const isLinked = form.field('decision') === 'link';
  if (isLinked) await link(parts, account, visitor);
  return c.html(renderLinkedPage({ ...describe(parts, account, visitor), isLinked }));
}

async function link(parts: SlackLinkParts, account: LinkState, { principal, login }: Visitor): Promise<void> {
  const { externalId } = account;
  const { subject } = principal;
  await parts.people.link({ channel: SLACK, externalId, subject, linkedAt: login.at });
  const detail = { channel: SLACK, external_id: externalId, name: account.name };
  const event = buildEvent(parts.broker, { kind: 'person.linked', actor: subject, detail });
  await parts.broker.store.commit({ event });
}

function describe({ installName }: SlackLinkParts, account: LinkState, { principal }: Visitor) {
  const { name: slackName, externalId } = account;
  return { installName, slackName, externalId, personName: principal.name };
}

function buildPath(state: string): string {
  return `${SLACK_LINK_PATH}?${new URLSearchParams({ state })}`;
}

function refuse(c: PageContext, { installName }: SlackLinkParts): Response {
  const text = 'This link is too old, was used already, or is not whole.';
  const hint = 'Press the button in Slack again: it brings a new link.';
  return c.html(renderErrorPage({ title: 'stale link', text, hint, installName }), 410) as Response;
}
