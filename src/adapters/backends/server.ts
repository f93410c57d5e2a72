import { LONGEST_WAIT_SECONDS } from '../../core/limits.ts';
import type { ApprovalBackend, Following, Submission } from '../../core/ports/backend.ts';
import type { RequestView, StatusView } from '../../core/view.ts';
import { claimedWith, requestWith } from '../../core/wire/about.ts';
import {
  personMessage,
  previewMessage,
  scopesMessage,
  statusMessage,
  submittedMessage,
} from '../../core/wire/messages.ts';
import { IDEMPOTENCY_HEADER, routes } from '../../core/wire/routes.ts';
import { encodeAsked } from './asked.ts';
import { type Caller, type CallerOptions, createCaller } from './caller.ts';
import { createGrants } from './grants.ts';
import { LONG_POLL_MS, LONGEST_LIST_BYTES } from './patience.ts';
import { createReviews } from './reviews.ts';
import { limitTime } from './time-limit.ts';

/** The jit server as a backend: `/v1` over HTTP, with a session bound to its key. */
export function createServerBackend(options: CallerOptions): ApprovalBackend {
  const call = createCaller(options);
  return {
    address: options.server,
    ...createRequests(call),
    ...createReviews(call),
    ...createGrants(call),
    abandon: async () => 'live',
    readPerson: () => call({ method: 'GET', path: routes.me, schema: personMessage }),
    listScopes: async () =>
      (await call({ method: 'GET', path: routes.scopes, schema: scopesMessage })).scopes,
    readStatus: ({ timeoutMs } = {}) => {
      const ask = (signal?: AbortSignal): Promise<StatusView> =>
        call({ method: 'GET', path: routes.status, schema: statusMessage, signal });
      if (timeoutMs === undefined) return ask();
      return limitTime(ask, { clock: options.clock, limitMs: timeoutMs, address: options.server });
    },
    listHistory: (limit, user) => {
      const query = new URLSearchParams({ limit: String(limit), ...(user === undefined ? {} : { user }) });
      const path = `${routes.history}?${query}`;
      return call({ method: 'GET', path, schema: statusMessage, maxBodyBytes: LONGEST_LIST_BYTES });
    },
  };
}

type Requests = Pick<ApprovalBackend, 'preview' | 'submit' | 'readRequest' | 'follow' | 'claim' | 'cancel'>;

function createRequests(call: Caller): Requests {
  return {
    preview: async (asked) => {
      const body = encodeAsked(asked);
      const answer = await call({ method: 'POST', path: routes.previews, schema: previewMessage, body });
      return { decision: answer.decision, canApprove: answer.can_approve };
    },
    submit: (submission) => submit(call, submission),
    readRequest: (id) => call({ method: 'GET', path: routes.request(id), schema: requestWith(id) }),
    follow: (id, following) => follow(call, { id, ...following }),
    claim: (id, what) =>
      call({
        method: 'POST',
        path: what?.tokenOnly ? routes.token(id) : routes.claim(id),
        schema: claimedWith(id),
      }),
    cancel: (id) => call({ method: 'POST', path: routes.cancel(id), schema: requestWith(id) }),
  };
}

function submit(call: Caller, submission: Submission): ReturnType<ApprovalBackend['submit']> {
  return call({
    method: 'POST',
    path: routes.requests,
    schema: submittedMessage,
    body: encodeAsked(submission),
    headers: { [IDEMPOTENCY_HEADER]: submission.idempotencyKey },
  });
}

function follow(
  call: Caller,
  { id, state, given, told, signal }: Following & { readonly id: string },
): Promise<RequestView> {
  const query = `state=${state}&given=${given}&told=${told}&wait_seconds=${LONGEST_WAIT_SECONDS}`;
  const path = `${routes.request(id)}?${query}`;
  return call({ method: 'GET', path, schema: requestWith(id), timeoutMs: LONG_POLL_MS, signal });
}
