import type { Instant } from './time.ts';

export type NoticeId = `ntc_${string}`;

/** `request.changed` calls nobody: what shows the request already is made to show it as it is now. */
export const NOTICE_KINDS = [
  'request.pending',
  'request.reminder',
  'request.escalated',
  'request.reviewed',
  'request.decided',
  'request.break_glass',
  'request.review_overdue',
  'request.changed',
  'grant.revocation_overdue',
  'grant.revocation_confirmed',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Something that people are told on one channel. Written with the transition that it tells of, sent afterwards. */
export type Notice = {
  readonly id: NoticeId;
  /** The name of the channel, as configured: `webhook`, `slack`. */
  readonly channel: string;
  readonly kind: NoticeKind;
  readonly requestId: string;
  readonly createdAt: Instant;
  /** `gone`: given up, because the channel is not configured any more or nothing is left to tell. */
  readonly state: 'waiting' | 'accepted' | 'gone';
  readonly attempts: number;
  /** How the channel finds again what it made of it: a message's id, no secret. */
  readonly reference: string | null;
  readonly lastError: string | null;
  readonly settledAt: Instant | null;
};
