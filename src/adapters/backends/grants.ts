import type { ApprovalBackend } from '../../core/ports/backend.ts';
import type { GrantView } from '../../core/view.ts';
import { grantWith } from '../../core/wire/about.ts';
import {
  encodeSelection,
  grantsMessage,
  revokedMessage,
  writeSelectionQuery,
} from '../../core/wire/revocation.ts';
import { routes } from '../../core/wire/routes.ts';
import type { Caller } from './caller.ts';
import { LONGEST_LIST_BYTES, MARGIN_MS } from './patience.ts';

const REVOKE_WAIT_SECONDS = 10;
const REVOKE_TIMEOUT_MS = REVOKE_WAIT_SECONDS * 1000 + MARGIN_MS;

type Grants = Pick<ApprovalBackend, 'readGrant' | 'reportUse' | 'revoke' | 'listRevocable' | 'revokeMany'>;

/** Looking at grants and taking them away, over `/v1`. */
export function createGrants(call: Caller): Grants {
  return {
    readGrant: (id) => call({ method: 'GET', path: routes.grant(id), schema: grantWith(id) }),
    reportUse: (id) =>
      call({ method: 'POST', path: routes.use(id), schema: grantWith(id), body: {}, timeoutMs: MARGIN_MS }),
    revoke: (id, because) => {
      const body = { because, wait_seconds: REVOKE_WAIT_SECONDS };
      const path = routes.revoke(id);
      return call({ method: 'POST', path, schema: grantWith(id), body, timeoutMs: REVOKE_TIMEOUT_MS });
    },
    listRevocable: async (selection): Promise<readonly GrantView[]> => {
      const path = `${routes.grants}?${writeSelectionQuery(selection)}`;
      const limits = { maxBodyBytes: LONGEST_LIST_BYTES };
      return (await call({ method: 'GET', path, schema: grantsMessage, ...limits })).grants;
    },
    revokeMany: (selection) => {
      const body = { ...encodeSelection(selection), wait_seconds: REVOKE_WAIT_SECONDS };
      const path = routes.revocations;
      const limits = { timeoutMs: REVOKE_TIMEOUT_MS, maxBodyBytes: LONGEST_LIST_BYTES };
      return call({ method: 'POST', path, schema: revokedMessage, body, ...limits });
    },
  };
}
