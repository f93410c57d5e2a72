import { createHmac } from 'node:crypto';
import type { WebhookChannel } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import type { Channel, ChannelMessage } from '../../core/ports/channel.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Outgoing } from '../../core/ports/outgoing.ts';
import type { Secret } from '../../core/secret.ts';
import { formatJson } from '../../core/text.ts';
import { formatInstant, SECOND_MS } from '../../core/time.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import { openLine } from './exchange.ts';

const NAME = 'webhook';
const GONE = 410;

/**
 * Notices as signed HTTP posts (Standard Webhooks 1.0). Any 2xx is accepted, 410 means that the receiver wants no such
 * notice, everything else is tried again with the same `webhook-id`.
 */
export function openWebhook(options: {
  readonly config: WebhookChannel;
  readonly clock: Pick<Clock, 'now'>;
  readonly outgoing: Outgoing;
}): Channel {
  const { config, clock } = options;
  const line = openLine({ ...options, channel: NAME });
  return {
    name: NAME,
    async deliver(message, { deadlineAt }) {
      const body = formatJson(buildPayload(message));
      const { id } = message.notice;
      const headers = sign({
        id,
        body,
        secret: config.secret,
        timestamp: Math.floor(clock.now() / SECOND_MS),
      });
      const { status, ok } = await line.send(config.url, { method: 'POST', headers, body, deadlineAt });
      if (status === GONE) return { reference: null, isGone: true };
      if (!ok) throw fail('channel_failed', { channel: NAME, why: `it answered ${status}` });
      return { reference: null };
    },
    close: async () => line.close(),
  };
}

/** `timestamp` is when it happened; `request` is as it is now, on the wire as in `/v1`. */
function buildPayload({ notice, request, grant }: ChannelMessage): object {
  return {
    type: notice.kind,
    timestamp: formatInstant(notice.createdAt),
    data: { request: encodeRequest(request), ...(grant ? { grant: encodeGrant(grant) } : {}) },
  };
}

/** The signature is over exactly the bytes that are sent. `timestamp` in seconds. */
function sign(message: {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
  readonly secret: Secret;
}): Readonly<Record<string, string>> {
  const { id, timestamp, body, secret } = message;
  const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'user-agent': 'jit',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
