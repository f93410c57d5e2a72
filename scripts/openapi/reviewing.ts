import type { ErrorCode } from '../../src/core/errors.ts';
import { LONGEST_WAIT_SECONDS } from '../../src/core/limits.ts';
import { EVENT_STREAM_TYPE } from '../../src/core/wire/live.ts';
import { type Operation, queryCount } from './operation.ts';

const NOT_DECIDED: readonly ErrorCode[] = [
  'not_found',
  'self_approval',
  'not_a_reviewer',
  'step_up_needed',
  'already_decided',
  'bad_reason',
  'lost_race',
  'too_many',
  'in_quarantine',
];
const REPEATED = 'Sent again after a lost answer, it finds the caller’s own review and changes nothing.';

/** What reviewers read and say, and following along. */
export const reviewing: readonly Operation[] = [
  {
    id: 'readInbox',
    method: 'get',
    path: '/v1/inbox',
    tag: 'Review',
    summary: 'What waits for the caller’s decision',
    description:
      'With `after` and `wait_seconds` the answer comes once a request that the caller may see changed after that position, or when the time is over.',
    parameters: [
      queryCount('after', Number.MAX_SAFE_INTEGER, 'The `position` of an earlier answer.'),
      queryCount('wait_seconds', LONGEST_WAIT_SECONDS, 'How long to wait; 0 where it is not said.'),
    ],
    answer: 'Inbox',
    errors: ['bad_message', 'too_many'],
  },
  {
    id: 'readDossier',
    method: 'get',
    path: '/v1/requests/{id}/dossier',
    tag: 'Review',
    summary: 'All about a request, for deciding on it',
    answer: 'Dossier',
    errors: ['not_found'],
  },
  {
    id: 'approve',
    method: 'post',
    path: '/v1/requests/{id}/approve',
    tag: 'Review',
    summary: 'Approve, all of it or less',
    description: `Policy and deadlines are looked at again at this moment. Nobody approves their own request, and nobody twice. ${REPEATED}`,
    body: 'Approve',
    answer: 'RequestAnswer',
    errors: [...NOT_DECIDED, 'already_reviewed', 'request_changed', 'not_allowed_now', 'cannot_widen'],
  },
  {
    id: 'deny',
    method: 'post',
    path: '/v1/requests/{id}/deny',
    tag: 'Review',
    summary: 'Deny, with a reason',
    description: REPEATED,
    body: 'Deny',
    answer: 'RequestAnswer',
    errors: NOT_DECIDED,
  },
  {
    id: 'reviewAfterwards',
    method: 'post',
    path: '/v1/requests/{id}/review',
    tag: 'Review',
    summary: 'Say of break-glass whether it was right',
    description: `Once, by somebody else than the requester. ${REPEATED}`,
    body: 'LaterReview',
    answer: 'RequestAnswer',
    errors: NOT_DECIDED,
  },
  {
    id: 'followEvents',
    method: 'get',
    path: '/v1/events',
    tag: 'Following',
    summary: 'Live updates as server-sent events',
    description:
      'The event `change` says that something happened to a request or grant that the caller may see; its data is a `Change`, its id a position. A client that comes back with `Last-Event-ID` is told what it missed; the event `reset` says that it missed too much, and must read what it shows anew. A comment every 15 s shows that the stream lives. It ends with the session or its access token, when the server stops, and after 15 minutes: come back then.',
    parameters: [
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'The id of the last event that was seen.',
        schema: { type: 'string' },
      },
      {
        name: 'after',
        in: 'query',
        description: 'The same, where the header cannot be set; the header counts where both are there.',
        schema: { type: 'string' },
      },
    ],
    answer: {
      [EVENT_STREAM_TYPE]: {
        schema: { type: 'string' },
        examples: {
          change: {
            value:
              'event: change\nid: 4711\ndata: {"kind":"request.approved","at":"2026-11-21T14:02:11Z","request_id":"req_01","grant_id":null}\n\n',
          },
          reset: { value: 'event: reset\nid: 4711\ndata: {}\n\n' },
        },
      },
    },
    errors: ['too_many'],
  },
];
