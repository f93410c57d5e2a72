import type { Approval } from '../core/ports/backend.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import type { Asked } from '../core/request.ts';
import type { Selection } from '../core/view.ts';
import { type ExecOrder, exec, findFitting, requireSecret, type Wanted } from './exec.ts';
import { type GiveBackOrder, giveBack, listMine } from './give-back.ts';
import { listHeld } from './held.ts';
import { findForHelper, readForHelper, readWish } from './helpers.ts';
import { type InboxFollowing, type LaterReviewOrder, readInbox } from './inbox.ts';
import { beginUse, keepForGood, type UseOrder } from './lending.ts';
import { type LoginOrder, type LoginParts, login, logout } from './login.ts';
import { listOthers } from './others.ts';
import { type ProofWanted, prove } from './prove.ts';
import { type RequestOrder, remember, request } from './request.ts';
import { revokeMany } from './revoke-many.ts';
import { listScopes, readOfflineStatus, readStatus } from './status.ts';
import { claim, type WaitOrder, wait } from './wait.ts';

/** Everything that an engineer can do at one server, in steps that a command only has to name. */
export function createEngineer(parts: LoginParts) {
  return {
    server: parts.server,
    /** Where what is asked is decided and delivered at once, or never: no request stays that could be picked up. */
    asksApart: parts.asksApart ?? false,
    login: (order: LoginOrder) => login(parts, order),
    logout: () => logout(parts),
    readPerson: () => parts.backend.readPerson(),
    listScopes: () => listScopes(parts),
    preview: (asked: Asked) => parts.backend.preview(asked),
    request: (order: RequestOrder) => request(parts, order),
    wait: (order: WaitOrder) => wait(parts, order),
    claim: (requestId: string) => claim(parts, requestId),
    cancel: async (requestId: string) => {
      const view = await parts.backend.cancel(requestId);
      await remember(parts, view);
      return view;
    },
    readStatus: () => readStatus(parts),
    readOfflineStatus: () => readOfflineStatus(parts),
    listHistory: (limit: number, user?: string) => parts.backend.listHistory(limit, user),
    readRequest: (requestId: string) => parts.backend.readRequest(requestId),
    readGrant: (grantId: string) => parts.backend.readGrant(grantId),
    readInbox: (following?: InboxFollowing) => readInbox(parts, following),
    readDossier: (requestId: string) => parts.backend.readDossier(requestId),
    approve: (requestId: string, approval: Approval) => parts.backend.approve(requestId, approval),
    deny: (requestId: string, reason: string) => parts.backend.deny(requestId, reason),
    reviewAfterwards: (requestId: string, review: LaterReviewOrder) =>
      parts.backend.reviewAfterwards(requestId, review),
    listRevocable: (selection: Selection) => parts.backend.listRevocable(selection),
    revokeMany: (selection: Selection) => revokeMany(parts, selection),
    listHeld: () => listHeld(parts),
    listOthers: () => listOthers(parts),
    findFitting: (wanted: Wanted) => findFitting(parts, wanted),
    requireSecret: (held: HeldGrant) => requireSecret(parts, held),
    prove: (held: HeldGrant, wanted: ProofWanted) => prove(parts, held, wanted),
    findForHelper: (wanted: Wanted) => findForHelper(parts, wanted),
    readForHelper: (held: HeldGrant) => readForHelper(parts, held),
    readWish: () => readWish(parts),
    exec: (order: ExecOrder) => exec(parts, order),
    beginUse: (order: UseOrder) => beginUse(parts, order),
    keepForGood: (held: HeldGrant) => keepForGood(parts, held),
    listMine: () => listMine(parts),
    giveBack: (order: GiveBackOrder) => giveBack(parts, order),
  } as const;
}

export type Engineer = ReturnType<typeof createEngineer>;
