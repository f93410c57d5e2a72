import { createHmac } from 'node:crypto';
import { SLACK_WINDOW_SECONDS } from '../../core/limits.ts';
import type { Secret } from '../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import { isSameText } from '../oauth/tokens/sealed-text.ts';

export type SignedDelivery = {
  /** `x-slack-signature` and `x-slack-request-timestamp`, as they came. */
  readonly signature: string;
  readonly timestamp: string;
  /** The bytes that came, before anybody read them. */
  readonly body: Uint8Array;
};

/** Did Slack send exactly this, within five minutes (APR-06)? HMAC-SHA256 over `v0:timestamp:body`. */
export function isFromSlack(
  { signature, timestamp, body }: SignedDelivery,
  { signingSecret, now }: { readonly signingSecret: Secret; readonly now: Instant },
): boolean {
  if (!/^v0=[0-9a-f]{64}$/.test(signature) || !/^[1-9]\d{0,10}$/.test(timestamp)) return false;
  const hmac = createHmac('sha256', signingSecret.reveal()).update(`v0:${timestamp}:`).update(body);
  const isSigned = isSameText(`v0=${hmac.digest('hex')}`, signature);
  return isSigned && Math.abs(now - Number(timestamp) * SECOND_MS) <= SLACK_WINDOW_SECONDS * SECOND_MS;
}
