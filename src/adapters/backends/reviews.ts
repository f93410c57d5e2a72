import { LONGEST_WAIT_SECONDS } from '../../core/limits.ts';
import type { ApprovalBackend } from '../../core/ports/backend.ts';
import type { RequestView } from '../../core/view.ts';
import { dossierAbout, requestWith } from '../../core/wire/about.ts';
import { inboxMessage } from '../../core/wire/inbox.ts';
import { encodeApproval } from '../../core/wire/review.ts';
import { routes } from '../../core/wire/routes.ts';
import type { Caller } from './caller.ts';
import { LONG_POLL_MS, LONGEST_LIST_BYTES } from './patience.ts';

type Reviews = Pick<ApprovalBackend, 'readInbox' | 'readDossier' | 'approve' | 'deny' | 'reviewAfterwards'>;

type Sending = { readonly id: string; readonly path: string; readonly body: object };

/** What a reviewer does, over `/v1`. */
export function createReviews(call: Caller): Reviews {
  // Sent again after a lost answer, the server finds the review that it has already.
  const post = ({ id, path, body }: Sending): Promise<RequestView> =>
    call({ method: 'POST', path, schema: requestWith(id), body });
  return {
    readInbox: ({ after, signal } = {}) => {
      const following = after === undefined ? '' : `?after=${after}&wait_seconds=${LONGEST_WAIT_SECONDS}`;
      const path = `${routes.inbox}${following}`;
      const limits = { timeoutMs: LONG_POLL_MS, maxBodyBytes: LONGEST_LIST_BYTES };
      return call({ method: 'GET', path, schema: inboxMessage, ...limits, signal });
    },
    readDossier: (id) => call({ method: 'GET', path: routes.dossier(id), schema: dossierAbout(id) }),
    approve: (id, approval) => post({ id, path: routes.approve(id), body: encodeApproval(approval) }),
    deny: (id, reason) => post({ id, path: routes.deny(id), body: { reason } }),
    reviewAfterwards: (id, review) => post({ id, path: routes.review(id), body: { ...review } }),
  };
}
