import type { ApprovalBackend } from '../../../core/ports/backend.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { RequestView } from '../../../core/view.ts';
import { backendAnswers as answers } from '../../../core/wire/backend-answers.ts';
import { encodeApproval } from '../../../core/wire/review.ts';
import { encodeSelection } from '../../../core/wire/revocation.ts';
import type { PluginCaller } from './caller.ts';

type Limits = { readonly limitMs: number; readonly followMs: number };
type Reviews = Pick<ApprovalBackend, 'readInbox' | 'readDossier' | 'approve' | 'deny' | 'reviewAfterwards'>;
type Grants = Pick<ApprovalBackend, 'readGrant' | 'revoke' | 'listRevocable' | 'revokeMany'>;

/** What of a limit is left for the answer, when the plugin is told to wait for something. */
const MARGIN_SECONDS = 2;

/** What a reviewer does. */
export function createReviewMethods(call: PluginCaller, { followMs }: Limits): Reviews {
  const about = (method: string, params: { readonly id: string }): Promise<RequestView> =>
    call({ method, params, schema: answers.readRequest(params.id).schema });
  return {
    readInbox: ({ after, signal } = {}) => {
      const params = after === undefined ? {} : { after, wait_seconds: leaveMargin(followMs) };
      return call({
        method: 'read_inbox',
        params,
        schema: answers.readInbox().schema,
        limitMs: followMs,
        signal,
      });
    },
    readDossier: (id) =>
      call({ method: 'read_dossier', params: { id }, schema: answers.readDossier(id).schema }),
    approve: (id, approval) => about('approve', { id, ...encodeApproval(approval) }),
    deny: (id, reason) => about('deny', { id, ...{ reason } }),
    reviewAfterwards: (id, review) => about('review_afterwards', { id, ...review }),
  };
}

/** Looking at grants and taking them away. */
export function createGrantMethods(call: PluginCaller, { limitMs }: Limits): Grants {
  const waiting = { wait_seconds: leaveMargin(limitMs) };
  return {
    readGrant: (id) => call({ method: 'read_grant', params: { id }, schema: answers.readGrant(id).schema }),
    revoke: (id, because) =>
      call({ method: 'revoke', params: { id, because, ...waiting }, schema: answers.revoke(id).schema }),
    listRevocable: (selection) => {
      const params = encodeSelection(selection);
      return call({ method: 'list_revocable', params, schema: answers.listRevocable().schema });
    },
    revokeMany: (selection) => {
      const params = { ...encodeSelection(selection), ...waiting };
      return call({ method: 'revoke_many', params, schema: answers.revokeMany().schema });
    },
  };
}

function leaveMargin(limitMs: number): number {
  return Math.max(0, Math.floor(limitMs / SECOND_MS) - MARGIN_SECONDS);
}
