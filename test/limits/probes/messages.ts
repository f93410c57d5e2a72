import * as v from 'valibot';
import { parseFixedDuration } from '../../../src/core/duration.ts';
import { askMessage, revokeMessage } from '../../../src/core/wire/messages.ts';
import { approveMessage } from '../../../src/core/wire/review.ts';
import { revocationMessage, selectionMessage } from '../../../src/core/wire/revocation.ts';
import { selectInbox } from '../../../src/server/pages/review/inbox/filter.ts';
import { ASKED, agree, type Ground, type Probe } from '../ground.ts';
import { isClick } from './slack.ts';

/** Limits on what messages and queries say. */
export const messageProbes = {
  REASON_BYTES: (size, ground) =>
    isAskable(ground, { reason: 'é'.repeat(size / 2).padEnd(chars(size), 'e') }),
  TICKET_BYTES: (size, ground) =>
    isAskable(ground, { ticket: 'é'.repeat(size / 2).padEnd(chars(size), 'e') }),
  LONGEST_TEXT_BYTES: (size) =>
    agree([isAsk({ reason: 'x'.repeat(size) }), isAsk({ ticket: 'x'.repeat(size) })]),
  MOST_SCOPES: (size) =>
    agree([
      isAsk({ scopes: Array.from({ length: size }, () => 'prod:api.read') }),
      isApproval({ scopes: Array.from({ length: size }, () => 'prod:api.read') }),
    ]),
  LONGEST_ASK_SECONDS: (size) =>
    agree([
      isAsk({ duration_seconds: size }),
      isApproval({ duration_seconds: size }),
      parseFixedDuration(`${size}s`) === size,
    ]),
  LONGEST_ID_CHARACTERS: (size) =>
    agree([
      isAsk({ extends_grant_id: 'x'.repeat(size) }),
      isClick({ actions: [{ action_id: 'approve', value: `${'req_'.padEnd(size, '0')} digest` }] }),
    ]),
  LONGEST_NAME_CHARACTERS: (size) => v.safeParse(selectionMessage, { user: 'x'.repeat(size) }).success,
  LONGEST_DIGEST_CHARACTERS: (size) =>
    agree([
      isApproval({ digest: 'x'.repeat(size) }),
      isClick({ actions: [{ action_id: 'approve', value: `req_1 ${'x'.repeat(size)}` }] }),
    ]),
  LONGEST_REVOKE_WAIT_SECONDS: (size) =>
    agree([
      v.safeParse(revokeMessage, { because: 'done', wait_seconds: size }).success,
      v.safeParse(revocationMessage, { user: 'dev', wait_seconds: size }).success,
    ]),
  IDEMPOTENCY_KEY_CHARACTERS: async (size, ground) => {
    const headers = { 'idempotency-key': 'x'.repeat(size) };
    return (await ground.send('/v1/requests', { body: JSON.stringify(ASKED), headers })).status === 200;
  },
  MOST_HISTORY_ROWS: async (size, ground) =>
    (await ground.send(`/v1/history?limit=${size}`, { method: 'GET' })).status === 200,
  LONGEST_WAIT_SECONDS: async (size, ground) => {
    const path = `/v1/requests/req_none?wait_seconds=${size}`;
    return (await ground.send(path, { method: 'GET' })).status === 404;
  },
  LONGEST_FILTER_CHARACTERS: (size) => {
    const filter = `${'x'.repeat(size - 1)}!`;
    return selectInbox({ requests: [], afterwards: [] }, { filter, page: 1 }).filter === filter;
  },
} satisfies Readonly<Record<string, Probe>>;

/** So many bytes, as many of them as possible in pairs: a limit in bytes is none in characters. */
function chars(bytes: number): number {
  return Math.floor(bytes / 2) + (bytes % 2);
}

async function isAskable(ground: Ground, change: object): Promise<boolean> {
  const body = JSON.stringify({ ...ASKED, ...change });
  return (await ground.send('/v1/previews', { body })).status === 200;
}

function isAsk(change: object): boolean {
  return v.safeParse(askMessage, { ...ASKED, ...change }).success;
}

function isApproval(change: object): boolean {
  return v.safeParse(approveMessage, { digest: 'x', ...change }).success;
}
