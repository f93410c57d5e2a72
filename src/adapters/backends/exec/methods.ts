import type { ApprovalBackend } from '../../../core/ports/backend.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { RequestView } from '../../../core/view.ts';
import { backendAnswers as answers } from '../../../core/wire/backend-answers.ts';
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

/** Every method of a backend as a question to a plugin; what the plugin leaves out rejects with `not_offered`. */
export function createMethods(call: PluginCaller, options: MethodOptions): Omit<ApprovalBackend, 'address'> {
  const about = (method: string, id: string): Promise<RequestView> =>
    call({ method, params: { id }, schema: answers.readRequest(id).schema });
  const readRequest = (id: string): Promise<RequestView> => about('read_request', id);
  const grants = createGrantMethods(call, options);
  return {
    ...createReviewMethods(call, options),
    ...grants,
    reportUse: grants.readGrant,
    abandon: async () => 'live',
    readRequest,
    follow: createFollow(call, { ...options, readRequest }),
    cancel: (id) => about('cancel', id),
    claim: (id, { tokenOnly = false } = {}) => {
      const params = { id, ...(tokenOnly ? { token_only: true } : {}) };
      return call({ method: 'claim', params, schema: answers.claim(id).schema });
    },
    readPerson: () => call({ method: 'read_person', params: {}, schema: answers.readPerson().schema }),
    listScopes: () => call({ method: 'list_scopes', params: {}, schema: answers.listScopes().schema }),
    preview: (asked) =>
      call({ method: 'preview', params: encodeAsked(asked), schema: answers.preview().schema }),
    submit: (submission) => {
      const params = { ...encodeAsked(submission), idempotency_key: submission.idempotencyKey };
      return call({ method: 'submit', params, schema: answers.submit().schema });
    },
    readStatus: ({ timeoutMs = options.limitMs } = {}) => {
      const limitMs = Math.min(timeoutMs, options.limitMs);
      return call({ method: 'read_status', params: {}, schema: answers.readStatus().schema, limitMs });
    },
    listHistory: (limit, user) => {
      const params = { limit, ...(user === undefined ? {} : { user }) };
      return call({ method: 'list_history', params, schema: answers.listHistory().schema });
    },
  };
}
