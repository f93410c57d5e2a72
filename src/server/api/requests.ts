import { type Context, Hono } from 'hono';
import type { InferOutput } from 'valibot';
import type { Delivery } from '../../broker/grant/delivery.ts';
import type { Asker } from '../../broker/parts.ts';
import { listApprovers } from '../../broker/request/approvers.ts';
import { cancel } from '../../broker/request/requests.ts';
import { preview, submit } from '../../broker/request/submit.ts';
import type { RequestLook } from '../../broker/view/look.ts';
import { viewDecision, viewGrant, viewRequest } from '../../broker/view/view.ts';
import { requireSeen } from '../../broker/view/visible.ts';
import { fail } from '../../core/errors.ts';
import { IDEMPOTENCY_KEY_CHARACTERS, LONGEST_WAIT_SECONDS } from '../../core/limits.ts';
import type { AccessRequest, Asked } from '../../core/request.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Claimed, RequestView } from '../../core/view.ts';
import { encodeClaimed } from '../../core/wire/claim.ts';
import { encodeTexts } from '../../core/wire/fields.ts';
import { askMessage } from '../../core/wire/messages.ts';
import { encodeDecision, encodeRequest } from '../../core/wire/request.ts';
import { IDEMPOTENCY_HEADER } from '../../core/wire/routes.ts';
import { readBody, readCount } from '../http/respond.ts';
import { describeSigned } from '../oauth/tokens/grant-token.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';
import { readGone } from './gone.ts';
import { createRequestPolls } from './request-polls.ts';
import { requireStillThere } from './still-there.ts';

export function buildRequestRoutes(parts: ApiParts): Hono<ApiEnvironment> {
  const { broker } = parts;
  const app = new Hono<ApiEnvironment>();
  const { keepPace } = broker;
  const polls = createRequestPolls();
  const { looks } = parts;

  app.post('/v1/previews', async (c) => {
    const asker = await parts.authenticate(c);
    keepPace(asker);
    const asked = readAsked(await readBody(c, askMessage));
    const decision = await preview(broker, { asker, asked });
    const canApprove =
      decision.outcome === 'needs_people'
        ? await listApprovers(broker, { ...asked, requestedBy: asker.principal, decision })
        : [];
    return c.json({ decision: encodeDecision(viewDecision(decision)), can_approve: encodeTexts(canApprove) });
  });

  app.post('/v1/requests', async (c) => {
    const asker = await parts.authenticate(c);
    keepPace(asker);
    const idempotencyKey = requireKey(c.req.header(IDEMPOTENCY_HEADER));
    const asked = readAsked(await readBody(c, askMessage));
    const { request, isJoined } = await submit(broker, { asker, asked, idempotencyKey });
    const delivery = await claimAtOnce(parts, { asker, request, gone: readGone(c) });
    await requireStillThere(parts, c, { request, grant: delivery?.grant });
    const claimed = delivery && (await viewDelivery(parts, delivery));
    const view = claimed ? claimed.request : await viewRequest(broker, request);
    return c.json({
      request: encodeRequest(view),
      claimed: claimed ? encodeClaimed(claimed) : null,
      joined: isJoined,
    });
  });

  app.get('/v1/requests/:id', async (c) => {
    const asker = await parts.authenticate(c);
    const id = c.req.param('id');
    const waitSeconds = readCount(c, 'wait_seconds', { fallback: 0, most: LONGEST_WAIT_SECONDS });
    const isKnown = readKnown(c);
    const look = async (): Promise<RequestLook> =>
      requireSeen(broker, asker, { id, seen: await looks.look(id) });
    const timeoutMs = waitSeconds * SECOND_MS;
    const lookForNews = async (): Promise<RequestLook | undefined> => {
      const seen = await look();
      return isKnown(seen) ? undefined : seen;
    };
    const waiting = { id, look: lookForNews, timeoutMs, signal: readGone(c) };
    const leave = timeoutMs > 0 ? polls.take(asker.principal.subject) : undefined;
    const moved = leave && (await parts.waiters.wait(waiting).finally(leave));
    const { readView } = moved ?? (await look());
    return c.body(encodeOnce(await readView()), 200, { 'content-type': 'application/json' });
  });

  app.post('/v1/requests/:id/claim', async (c) => {
    const asker = await parts.authenticate(c);
    keepPace(asker);
    const delivery = await parts.claim(asker, c.req.param('id'), { gone: readGone(c) });
    await requireStillThere(parts, c, delivery);
    return c.json(encodeClaimed(await viewDelivery(parts, delivery)));
  });

  app.post('/v1/requests/:id/token', async (c) => {
    const asker = await parts.authenticate(c);
    keepPace(asker);
    const delivery = await parts.claim(asker, c.req.param('id'), { tokenOnly: true });
    return c.json(encodeClaimed(await viewDelivery(parts, delivery)));
  });

  app.post('/v1/requests/:id/cancel', async (c) => {
    const asker = await parts.authenticate(c);
    return c.json({
      request: encodeRequest(await viewRequest(broker, await cancel(broker, asker, c.req.param('id')))),
    });
  });

  return app;
}

/** What the caller says that it knows already: it waits for another state, another approval, another channel told. */
function readKnown(c: Context): (seen: RequestLook) => boolean {
  const state = c.req.query('state');
  const given = c.req.query('given');
  const told = c.req.query('told');
  return ({ request, progress }) =>
    request.state === state &&
    (given === undefined || given === String(progress.given)) &&
    (told === undefined || told === String(progress.told));
}

const answers = new WeakMap<RequestView, string>();

/** The same text for all who are told of one view. */
function encodeOnce(view: RequestView): string {
  const text = answers.get(view) ?? JSON.stringify({ request: encodeRequest(view) });
  answers.set(view, text);
  return text;
}

function readAsked(message: InferOutput<typeof askMessage>): Asked {
  return {
    scopes: message.scopes,
    target: message.target,
    durationSeconds: message.duration_seconds,
    reason: message.reason,
    ticket: message.ticket,
    extendsGrantId: message.extends_grant_id,
    breakGlass: message.break_glass,
  };
}

function requireKey(key: string | undefined): string {
  if (key && key.length <= IDEMPOTENCY_KEY_CHARACTERS && /^[\x21-\x7e]+$/.test(key)) return key;
  throw fail('bad_message', { why: `the header ${IDEMPOTENCY_HEADER} is missing or not a key` });
}

type Asking = { readonly asker: Asker; readonly request: AccessRequest; readonly gone: AbortSignal };

/** What policy granted is claimed in the same breath; a claim that ended meanwhile is told as it is. */
async function claimAtOnce(parts: ApiParts, { asker, request, gone }: Asking): Promise<Delivery | null> {
  if (request.state !== 'approved' && request.state !== 'claimed') return null;
  return parts.claim(asker, request.id, { gone });
}

async function viewDelivery({ broker }: ApiParts, delivery: Delivery): Promise<Claimed> {
  return {
    request: await viewRequest(broker, delivery.request),
    grant: viewGrant(broker, delivery.grant),
    token: delivery.token,
    terms: describeSigned(delivery.token),
    credential: delivery.credential,
  };
}
