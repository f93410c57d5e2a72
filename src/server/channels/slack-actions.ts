import { Hono } from 'hono';
import type { Asker, Broker } from '../../broker/parts.ts';
import { JitError } from '../../core/errors.ts';
import { BODY_LIMIT_BYTES, SLACK_ANSWER_MS, SLACK_WINDOW_SECONDS } from '../../core/limits.ts';
import type { Chat, ChatLink } from '../../core/ports/chat.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Secret } from '../../core/secret.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { ApiEnvironment } from '../api/context.ts';
import type { ReadAddress } from '../http/address.ts';
import { limitBody } from '../http/body-limit.ts';
import { readUrlEncoded } from '../http/form.ts';
import type { PageContext } from '../pages/page-frame.ts';
import { approveShown, denyShown, requireDeniable } from './slack-decide.ts';
import { buildLinkUrl } from './slack-link-state.ts';
import { decodeSlackPayload, type SlackAction, type SlackUser } from './slack-payload.ts';
import { findSlackPerson, type SlackPeopleParts } from './slack-people.ts';
import { isFromSlack } from './slack-signature.ts';

export type SlackActionParts = SlackPeopleParts & {
  readonly broker: Broker;
  readonly chat: Chat;
  readonly protocol: Pick<ProtocolStore, 'insertOnce'>;
  readonly signingSecret: Secret;
  /** Seals addresses for linking. */
  readonly secret: Secret;
  readonly url: string;
  readonly readAddress: ReadAddress;
  readonly onError: (error: unknown) => void;
};

type Click = Extract<SlackAction, { readonly kind: 'approve' | 'ask' }>;
type Denial = Extract<SlackAction, { readonly kind: 'deny' }>;

const DELIVERY = 'JitSlackDelivery';

/** Where Slack says what was clicked. Nothing is read, and nothing is done, before its signature was verified. */
export function createSlackActions(parts: SlackActionParts): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  const limit = limitBody({ maxSize: BODY_LIMIT_BYTES, onError: (c) => c.text('', 413) });
  routes.post('/channels/slack/actions', limit, (c) => receive(c, parts));
  return routes;
}

async function receive(c: PageContext, parts: SlackActionParts): Promise<Response> {
  const delivery = {
    signature: c.req.header('x-slack-signature') ?? '',
    timestamp: c.req.header('x-slack-request-timestamp') ?? '',
    body: new Uint8Array(await c.req.arrayBuffer()),
  };
  const now = parts.broker.clock.now();
  if (!isFromSlack(delivery, { signingSecret: parts.signingSecret, now })) return c.text('', 401);
  const action = decodeSlackPayload(await readPayload(c));
  if (!action) return c.text('', 400);
  if (action.kind === 'nothing') return c.body(null, 200);
  const expiresAt = now + 2 * SLACK_WINDOW_SECONDS * SECOND_MS;
  const isFirst = await parts.protocol.insertOnce({ kind: DELIVERY, id: delivery.signature, expiresAt });
  if (!isFirst) return c.text('', 409);
  const ip = parts.readAddress(c.env.incoming);
  return action.kind === 'deny' ? submitDenial(c, parts, { action, ip }) : click(c, parts, { action, ip });
}

async function readPayload(c: PageContext): Promise<unknown> {
  const form = await readUrlEncoded(c);
  try {
    return JSON.parse(form?.get('payload') ?? '');
  } catch {
    return undefined;
  }
}

/** Slack wants an answer within three seconds: what must be said to the person is said afterwards. */
async function click(
  c: PageContext,
  parts: SlackActionParts,
  { action, ip }: { readonly action: Click; readonly ip: string },
): Promise<Response> {
  const asker = await findSlackPerson(parts, { user: action.user, ip });
  try {
    if (!asker) whisper(parts, action, askToLink(parts, action.user));
    else if (action.kind === 'approve') await approveShown(parts.broker, asker, action);
    else await askReason(parts, asker, action);
  } catch (error) {
    whisper(parts, action, { text: describe(parts, error), link: buildPageLink(parts, action.requestId) });
  }
  return c.body(null, 200);
}

async function askReason(parts: SlackActionParts, asker: Asker, action: Click): Promise<void> {
  const { requestId, digest, triggerId } = action;
  await requireDeniable(parts.broker, asker, action);
  const form = { triggerId, title: 'Deny a request', requestId, carried: `${requestId} ${digest}` };
  parts.chat.askReason(form, { deadlineAt: findDeadline(parts) }).catch(parts.onError);
}

/** What stands in the way is shown in the form, which stays open. */
async function submitDenial(
  c: PageContext,
  parts: SlackActionParts,
  { action, ip }: { readonly action: Denial; readonly ip: string },
): Promise<Response> {
  const asker = await findSlackPerson(parts, { user: action.user, ip });
  if (!asker)
    return answerInForm(c, 'Your Slack account is not linked any more. Press Deny on the card again.');
  try {
    await denyShown(parts.broker, asker, action);
    return c.body(null, 200);
  } catch (error) {
    return answerInForm(c, describe(parts, error));
  }
}

function answerInForm(c: PageContext, text: string): Response {
  return c.json({ response_action: 'errors', errors: { reason: text } });
}

type Words = { readonly text: string; readonly link: ChatLink };

function whisper(parts: SlackActionParts, { channelId, user }: Click, words: Words): void {
  const options = { deadlineAt: findDeadline(parts) };
  parts.chat.whisper({ channelId, userId: user.userId }, words, options).catch(parts.onError);
}

function findDeadline({ broker }: SlackActionParts): number {
  return broker.clock.now() + SLACK_ANSWER_MS;
}

function askToLink({ url, secret, broker }: SlackActionParts, user: SlackUser): Words {
  const link = buildLinkUrl(user, { url, secret, now: broker.clock.now() });
  return {
    text: 'jit does not know who you are here. Link this Slack account to your login once, and press the button again. The link is yours alone and good for ten minutes.',
    link: { label: 'Link my account', url: link },
  };
}

function buildPageLink({ url }: SlackActionParts, requestId: string): ChatLink {
  return { label: 'Open page', url: `${url}/requests/${requestId}` };
}

/** What a person may know of it; what is nobody's fault at Slack is told to whoever runs the server. */
function describe({ onError }: SlackActionParts, error: unknown): string {
  if (!(error instanceof JitError)) {
    onError(error);
    return 'Something went wrong at the server. Nothing is known to have changed.';
  }
  if (error.code === 'step_up_needed')
    return `${error.message}, which a chat cannot prove. Decide on the page.`;
  return `${error.message}.`;
}
