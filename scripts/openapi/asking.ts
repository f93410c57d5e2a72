import type { ErrorCode } from '../../src/core/errors.ts';
import {
  IDEMPOTENCY_KEY_CHARACTERS,
  LONGEST_NAME_CHARACTERS,
  LONGEST_WAIT_SECONDS,
  MOST_HISTORY_ROWS,
} from '../../src/core/limits.ts';
import { type Operation, queryCount, queryText } from './operation.ts';

const WRONG_QUESTION: readonly ErrorCode[] = [
  'unknown_scope',
  'unknown_target',
  'wrong_target',
  'duration_too_long',
  'bad_reason',
  'bad_ticket',
  'missing_answer',
  'no_grant',
  'not_found',
  'review_overdue',
];
const NOT_CLAIMED: readonly ErrorCode[] = [
  'denied',
  'cancelled',
  'lapsed',
  'still_pending',
  'no_grant',
  'target_failed',
  'step_up_needed',
  'lost_race',
  'server_clock_wrong',
  'in_quarantine',
];

/** Who one is, what one may ask for, asking, waiting, claiming. */
export const asking: readonly Operation[] = [
  {
    id: 'readPerson',
    method: 'get',
    path: '/v1/me',
    tag: 'People',
    summary: 'Who is calling',
    answer: 'Person',
    errors: [],
  },
  {
    id: 'listScopes',
    method: 'get',
    path: '/v1/scopes',
    tag: 'People',
    summary: 'What the caller may ask for',
    answer: 'Scopes',
    errors: [],
  },
  {
    id: 'readStatus',
    method: 'get',
    path: '/v1/status',
    tag: 'People',
    summary: 'What is open for the caller',
    answer: 'Status',
    errors: [],
  },
  {
    id: 'listHistory',
    method: 'get',
    path: '/v1/history',
    tag: 'People',
    summary: 'What was asked for and held, newest first',
    description: 'The caller’s own; of somebody else as far as policy lets the caller read it.',
    parameters: [
      queryCount('limit', MOST_HISTORY_ROWS, 'How many of each; 20 where it is not said.'),
      {
        ...queryText('user', 'A name or subject.'),
        schema: { type: 'string', minLength: 1, maxLength: LONGEST_NAME_CHARACTERS },
      },
    ],
    answer: 'Status',
    errors: ['bad_message', 'ambiguous'],
  },
  {
    id: 'preview',
    method: 'post',
    path: '/v1/previews',
    tag: 'Requests',
    summary: 'What policy would say',
    description: 'Asks policy without asking for anything.',
    body: 'Ask',
    answer: 'Preview',
    errors: [...WRONG_QUESTION, 'too_many'],
  },
  {
    id: 'submit',
    method: 'post',
    path: '/v1/requests',
    tag: 'Requests',
    summary: 'Ask',
    description:
      'Where policy grants at once, the answer has the grant. To be denied is an answer too: a request in state `denied`. Asking again for what is open joins it; for what is held, it extends the grant. The same key with the same body finds the first request again, so a lost answer is cured by sending the same once more; with another body it is `idempotency_conflict`.',
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        required: true,
        description: 'Made by the client, new for each question.',
        schema: { type: 'string', pattern: `^[!-~]{1,${IDEMPOTENCY_KEY_CHARACTERS}}$` },
      },
    ],
    body: 'Ask',
    answer: 'Submitted',
    errors: [...WRONG_QUESTION, 'idempotency_conflict', 'limit_reached', 'too_many', ...NOT_CLAIMED],
  },
  {
    id: 'readRequest',
    method: 'get',
    path: '/v1/requests/{id}',
    tag: 'Requests',
    summary: 'Read a request, or wait until it changes',
    description:
      'With `wait_seconds` the answer comes once the request is not as the caller says any more, or when the time is over: in another state, with another number of approvals, told to another number of channels. The client then asks again.',
    parameters: [
      queryText('state', 'The state that the caller knows.'),
      queryText('given', 'How many approvals the caller knows of.'),
      queryText('told', 'How many channels the caller knows to be told.'),
      queryCount('wait_seconds', LONGEST_WAIT_SECONDS, 'How long to wait; 0 where it is not said.'),
    ],
    answer: 'RequestAnswer',
    errors: ['not_found', 'too_many', 'bad_message'],
  },
  {
    id: 'claim',
    method: 'post',
    path: '/v1/requests/{id}/claim',
    tag: 'Requests',
    summary: 'Pick up an approved request',
    description:
      'The clock of the grant starts here. Repeatable by the requester while the grant lives: the token is signed again and the credential gets a new password.',
    answer: 'Claimed',
    errors: ['not_found', 'limit_reached', 'too_many', ...NOT_CLAIMED],
  },
  {
    id: 'renewToken',
    method: 'post',
    path: '/v1/requests/{id}/token',
    tag: 'Requests',
    summary: 'Fetch the next token of a grant',
    description:
      'For targets whose tokens are shorter than their grants, and for a session with another key. The credential at the target stays as it is: `credential` is null.',
    answer: 'Claimed',
    errors: ['not_found', 'too_many', ...NOT_CLAIMED],
  },
  {
    id: 'cancel',
    method: 'post',
    path: '/v1/requests/{id}/cancel',
    tag: 'Requests',
    summary: 'Take one’s own request back',
    description: 'Done twice it is done.',
    answer: 'RequestAnswer',
    errors: ['not_found', 'already_claimed', 'denied', 'lapsed', 'no_grant'],
  },
];
