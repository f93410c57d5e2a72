import * as v from 'valibot';
import type { ApprovalBackend } from '../../../core/ports/backend.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { RequestView } from '../../../core/view.ts';
import {
  personMessage,
  previewMessage,
  scopesMessage,
  statusMessage,
  submittedMessage,
} from '../../../core/wire/messages.ts';
import { claimedWith, requestWith } from '../about.ts';
import { encodeAsked } from '../asked.ts';
import type { PluginCaller } from './caller.ts';
import { createFollow } from './follow.ts';
import { createGrantMethods, createReviewMethods } from './other-methods.ts';

export type MethodOptions = {
  readonly clock: Clock;
  /** How long following may take, at most. */
  readonly followMs: number;
  readonly limitMs: number;
};

/** An answer to asking whose grant is one for the request that it speaks of. */
const submitted = v.pipe(
  submittedMessage,
  v.check(
    ({ request, claimed }) => claimed === null || claimed.request.id === request.id,
    'is about two requests',
  ),
);

/** Every method of a backend as a question to a plugin; what the plugin leaves out rejects with `not_offered`. */
export function createMethods(call: PluginCaller, options: MethodOptions): Omit<ApprovalBackend, 'address'> {
  const about = (method: string, id: string): Promise<RequestView> =>
    call({ method, params: { id }, schema: requestWith(id) });
  const readRequest = (id: string): Promise<RequestView> => about('read_request', id);
  return {
    ...createReviewMethods(call, options),
    ...createGrantMethods(call, options),
    readRequest,
    follow: createFollow(call, { ...options, readRequest }),
    cancel: (id) => about('cancel', id),
    claim: (id, { tokenOnly = false } = {}) => {
      const params = { id, ...(tokenOnly ? { token_only: true } : {}) };
      return call({ method: 'claim', params, schema: claimedWith(id) });
    },
    readPerson: () => call({ method: 'read_person', params: {}, schema: personMessage }),
    listScopes: async () => (await call({ method: 'list_scopes', params: {}, schema: scopesMessage })).scopes,
    preview: async (asked) => {
      const answer = await call({ method: 'preview', params: encodeAsked(asked), schema: previewMessage });
      return { decision: answer.decision, canApprove: answer.can_approve };
    },
    submit: (submission) => {
      const params = { ...encodeAsked(submission), idempotency_key: submission.idempotencyKey };
      return call({ method: 'submit', params, schema: submitted });
    },
    readStatus: ({ timeoutMs = options.limitMs } = {}) => {
      const limitMs = Math.min(timeoutMs, options.limitMs);
      return call({ method: 'read_status', params: {}, schema: statusMessage, limitMs });
    },
    listHistory: (limit, user) => {
      const params = { limit, ...(user === undefined ? {} : { user }) };
      return call({ method: 'list_history', params, schema: statusMessage });
    },
  };
}
