import type { SlackChannel } from '../../../core/config.ts';
import type { NoticeKind } from '../../../core/notice.ts';
import type { ChannelMessage, Delivered } from '../../../core/ports/channel.ts';
import type { Instant } from '../../../core/time.ts';
import { failSlack, requireTaken, type SlackApi } from './api.ts';
import { actions, type Block, section } from './blocks.ts';
import { buildCard, type Card } from './card.ts';

/** Slack's words for a message that is not there to be changed any more. */
const LOST: readonly string[] = ['message_not_found', 'cant_update_message', 'edit_window_closed'];

/** A changed message makes no sound: whoever must act now is told below it, and in the channel. */
const CALLS: Partial<Readonly<Record<NoticeKind, string>>> = {
  'request.reminder': 'Nobody has decided on this request yet.',
  'request.escalated': 'Nobody decided on this request in time: others may now.',
  'request.review_overdue': 'Nobody has reviewed this break-glass in time.',
  'grant.revocation_overdue':
    'This access is to be gone, and its target has not confirmed that it is. The token is dead; jit keeps trying.',
  'grant.revocation_confirmed': 'This access is gone now: the target was looked at.',
};

/** No text of ours is parsed for mentions, and no link is unfolded. */
const UNFORMATTED = {
  mrkdwn: false,
  parse: 'none',
  link_names: false,
  unfurl_links: false,
  unfurl_media: false,
};

type Sending = {
  readonly api: SlackApi;
  readonly config: Pick<SlackChannel, 'channel'>;
  readonly message: ChannelMessage;
  readonly deadlineAt: Instant;
};

/** One card a request: posted once, and made to show how the request stands with every notice that follows. */
export async function sendNotice(sending: Sending): Promise<Delivered> {
  const { references, request, notice, grant } = sending.message;
  const card = buildCard(request, grant);
  const places = references.map(parseReference).filter((place) => place !== undefined);
  const updated: Place[] = [];
  for (const place of places) if (await update(sending, { place, card })) updated.push(place);
  const last = updated.at(-1);
  if (!last && notice.kind === 'request.changed') return { reference: null, isGone: true };
  const tellsOfGrant = notice.kind.startsWith('grant.');
  if (!last && !tellsOfGrant) return { reference: writeReference(await post(sending, card)) };
  const place = last ?? (await post(sending, card));
  const call = CALLS[notice.kind];
  if (call !== undefined && (tellsOfGrant || isOpen(request))) await reply(sending, { place, call });
  return { reference: writeReference(place) };
}

function isOpen({ state, afterwards }: ChannelMessage['request']): boolean {
  return state === 'pending' || afterwards?.state === 'overdue';
}

async function post({ api, config, deadlineAt }: Sending, card: Card): Promise<Place> {
  const result = await api.call(
    'chat.postMessage',
    { channel: config.channel, ...UNFORMATTED, ...card },
    { deadlineAt },
  );
  const { channel, ts } = requireTaken(result);
  const place = { channel: String(channel), ts: String(ts) };
  if (!isPlace(place)) throw failSlack('it did not say which message it made');
  return place;
}

async function update(
  { api, deadlineAt }: Sending,
  { place, card }: { readonly place: Place; readonly card: Card },
): Promise<boolean> {
  const result = await api.call('chat.update', { ...place, ...UNFORMATTED, ...card }, { deadlineAt });
  if (!result.ok && LOST.includes(result.error)) return false;
  requireTaken(result);
  return true;
}

async function reply(
  { api, message, deadlineAt }: Sending,
  { place, call }: { readonly place: Place; readonly call: string },
): Promise<void> {
  const blocks: readonly Block[] = [
    section(call),
    actions([{ action: 'open', label: 'Open page', url: message.request.url }]),
  ];
  const result = await api.call(
    'chat.postMessage',
    {
      channel: place.channel,
      thread_ts: place.ts,
      reply_broadcast: true,
      text: call,
      blocks,
      ...UNFORMATTED,
    },
    { deadlineAt },
  );
  requireTaken(result);
}

/** Where a card is. */
type Place = { readonly channel: string; readonly ts: string };

function isPlace({ channel, ts }: Place): boolean {
  return /^[A-Z0-9]{1,32}$/.test(channel) && /^\d{1,16}\.\d{1,16}$/.test(ts);
}

function writeReference({ channel, ts }: Place): string {
  return `${channel}:${ts}`;
}

function parseReference(reference: string): Place | undefined {
  const [channel = '', ts = ''] = reference.split(':');
  return isPlace({ channel, ts }) ? { channel, ts } : undefined;
}
