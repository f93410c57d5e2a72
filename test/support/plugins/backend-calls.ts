import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { RevokedView, ScopeView } from '../../../src/core/view.ts';
import type { PluginBackend } from '../../../src/plugin/api.ts';
import { sampleAsked, sampleClaimed, sampleGrantView, sampleRequestView } from '../core-samples.ts';
import { buildStatus } from '../fakes/fake-backend.ts';
import { buildDossier, buildInbox } from '../fakes/fake-reviews.ts';

export const KNOWN = { state: 'pending', given: 0, told: 0 } as const;
export const EVERYBODY = { user: null, target: null };
export const APPROVAL = { scopes: null, durationSeconds: null, reason: null, digest: 'digest-1' };

const { id } = sampleRequestView;
const SCOPE: ScopeView = {
  name: 'prod:db.read',
  description: 'Read production data',
  sensitivity: 'medium',
  defaultSeconds: 1800,
  maxSeconds: 14_400,
  targets: [{ name: 'orders', kind: 'postgres', outcome: 'needs_people', canApprove: ['dba-lead'] }],
  minimumReasonLength: 10,
  needsTicket: true,
};
const PERSON = {
  subject: 'dev',
  name: 'dev',
  kind: 'person',
  groups: ['engineers'],
  login: { method: 'device', at: 0 },
} as const;
const STATUS = buildStatus({ requests: [sampleRequestView], grants: [sampleGrantView] });
const REVOKED: RevokedView = { grants: [sampleGrantView], cancelled: 2, sessionsEnded: 3 };
const PREVIEW = { decision: sampleRequestView.decision as never, canApprove: ['dba-lead'] };
const DOSSIER = buildDossier({ request: sampleRequestView, grants: [sampleGrantView] });

/** One call of a method, and what may be answered to it. */
export type BackendCall = readonly [
  keyof PluginBackend,
  (backend: ApprovalBackend) => Promise<unknown>,
  answer: unknown,
];
export const CALLS: readonly BackendCall[] = [
  ['readPerson', (backend) => backend.readPerson(), PERSON],
  ['listScopes', (backend) => backend.listScopes(), [SCOPE]],
  ['preview', (backend) => backend.preview(sampleAsked), PREVIEW],
  [
    'submit',
    (backend) => backend.submit({ ...sampleAsked, idempotencyKey: 'k' }),
    { request: sampleClaimed.request, claimed: sampleClaimed, joined: true },
  ],
  ['readRequest', (backend) => backend.readRequest(id), sampleRequestView],
  ['claim', (backend) => backend.claim(sampleClaimed.request.id), sampleClaimed],
  ['cancel', (backend) => backend.cancel(id), sampleRequestView],
  ['readStatus', (backend) => backend.readStatus(), STATUS],
  ['listHistory', (backend) => backend.listHistory(10, 'dev'), STATUS],
  ['readDossier', (backend) => backend.readDossier(id), DOSSIER],
  ['approve', (backend) => backend.approve(id, APPROVAL), sampleRequestView],
  ['deny', (backend) => backend.deny(id, 'no'), sampleRequestView],
  [
    'reviewAfterwards',
    (backend) => backend.reviewAfterwards(id, { outcome: 'accepted', reason: '' }),
    sampleRequestView,
  ],
  ['listRevocable', (backend) => backend.listRevocable(EVERYBODY), [sampleGrantView]],
  ['readGrant', (backend) => backend.readGrant(sampleGrantView.id), sampleGrantView],
];
/** Those that may wait for something before they answer. */
export const WAITING: readonly BackendCall[] = [
  ['follow', (backend) => backend.follow(id, KNOWN), sampleRequestView],
  ['readInbox', (backend) => backend.readInbox({ after: 7 }), buildInbox({ requests: [sampleRequestView] })],
  ['revoke', (backend) => backend.revoke(sampleGrantView.id, 'done'), sampleGrantView],
  ['revokeMany', (backend) => backend.revokeMany(EVERYBODY), REVOKED],
];
