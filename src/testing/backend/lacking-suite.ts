import { rejects } from 'node:assert/strict';
import type { ApprovalBackend } from '../../core/ports/backend.ts';
import type { Asked } from '../../core/request.ts';
import type { Given, Lackable } from './subject.ts';

const ASKED: Asked = {
  scopes: ['none:such.scope'],
  target: 'no-such-target',
  durationSeconds: 60,
  reason: 'to see that this is not offered',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};
const ID = 'req_0000000000';
const NOBODY = { user: 'nobody', target: null };

/** One call of each, of something that there is not: what is offered refuses it in another way, or answers. */
const CALLS: Readonly<Record<Lackable, (backend: ApprovalBackend) => Promise<unknown>>> = {
  readPerson: (backend) => backend.readPerson(),
  listScopes: (backend) => backend.listScopes(),
  preview: (backend) => backend.preview(ASKED),
  readRequest: (backend) => backend.readRequest(ID),
  follow: (backend) => backend.follow(ID, { state: 'pending', given: 0, told: 0 }),
  claim: (backend) => backend.claim(ID),
  cancel: (backend) => backend.cancel(ID),
  listHistory: (backend) => backend.listHistory(1),
  readInbox: (backend) => backend.readInbox(),
  readDossier: (backend) => backend.readDossier(ID),
  approve: (backend) =>
    backend.approve(ID, { scopes: null, durationSeconds: null, reason: null, digest: '' }),
  deny: (backend) => backend.deny(ID, 'no'),
  reviewAfterwards: (backend) => backend.reviewAfterwards(ID, { outcome: 'accepted', reason: 'seen' }),
  listRevocable: (backend) => backend.listRevocable(NOBODY),
  revokeMany: (backend) => backend.revokeMany(NOBODY),
};

/** What is not there is said to be not offered, and not imitated. */
export function describeLacking(given: Given, lacks: readonly Lackable[]): void {
  for (const method of lacks)
    given(`${method} is refused as what is not offered`, async ({ backend }) => {
      await rejects(CALLS[method](backend), { code: 'not_offered' });
    });
}
