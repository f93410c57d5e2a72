import type { AccessRequest, Asked } from '../../src/core/request.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Claimed, GrantView, RequestView } from '../../src/core/view.ts';

const AT = Date.parse('2026-11-21T14:00:00Z');

export const sampleAsked: Asked = {
  scopes: ['prod:db.read', 'prod:db.write'],
  target: 'orders',
  durationSeconds: 1800,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

export const sampleRequest: AccessRequest = {
  ...sampleAsked,
  id: 'req_1',
  state: 'pending',
  version: 1,
  requestedBy: { subject: 'u1', name: 'dev', kind: 'person', groups: ['engineers'], person: 'u1' },
  origin: { ip: '192.0.2.7', login: { method: 'device', at: AT - 60_000, strengths: [] } },
  originally: { scopes: sampleAsked.scopes, durationSeconds: sampleAsked.durationSeconds },
  digest: 'd',
  createdAt: AT,
  lapsesAt: AT + 3_600_000,
  claimBy: null,
  decision: null,
  reviews: [],
  escalatedAt: null,
  afterwards: null,
  grantId: null,
};

/** Every field is set to something that differs from its empty form, so that a field that is lost shows. */
export const sampleRequestView: RequestView = {
  id: 'req_0k7',
  url: 'https://jit.example.com/requests/req_0k7',
  state: 'claimed',
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 1800,
  reason: 'INC-4211 slow checkout',
  ticket: 'INC-4211',
  requestedBy: 'dev',
  createdAt: AT,
  lapsesAt: AT + 3_600_000,
  claimBy: AT + 900_000,
  decision: {
    outcome: 'needs_people',
    rule: 'writes-need-a-dba',
    reasons: ['prod:db.write needs a dba'],
    advice: ['ask for prod:db.read'],
    reviews: [
      {
        by: 'dba-lead',
        outcome: 'approved',
        reason: 'ok',
        at: AT + 60_000,
        way: 'slack',
        scopes: ['prod:db.read'],
        durationSeconds: 1800,
      },
    ],
  },
  approvals: { needed: 2, given: 1, groups: ['sre'] },
  canApprove: ['dba-lead'],
  told: ['#dba'],
  grantId: 'gr_0k8',
  extendsGrantId: 'gr_0k1',
  breakGlass: true,
  originally: { scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 3600 },
  escalatedAt: AT + 30_000,
  afterwards: {
    dueAt: AT + 86_400_000,
    state: 'objected',
    by: 'sre-lead',
    reason: 'a read would have done',
    at: AT + 7_200_000,
  },
  digest: 'digest-of-what-was-asked',
};

export const sampleGrantView: GrantView = {
  id: 'gr_0k8',
  url: 'https://jit.example.com/grants/gr_0k8',
  requestId: 'req_0k7',
  state: 'revoking',
  scopes: ['prod:db.read'],
  target: 'orders',
  heldBy: 'dev',
  breakGlass: true,
  claimedAt: AT,
  expiresAt: AT + 1_800_000,
  lastUsedAt: AT + 1000,
  endedAt: AT + 2000,
  endedBecause: 'superseded',
  revocation: {
    token: 'revoked',
    target: 'removing',
    confirmed: false,
    attempts: 3,
    lastError: 'connection refused',
    sessionsEnded: 2,
  },
};

export const sampleClaimed: Claimed = {
  request: sampleRequestView,
  grant: sampleGrantView,
  token: new Secret('canary-token'),
  terms: { expiresAt: AT + 300_000, boundTo: 'k'.repeat(43) },
  credential: {
    environment: { PGHOST: 'db.internal', PGUSER: 'jit_a_b' },
    secretEnvironment: { PGPASSWORD: new Secret('canary-environment') },
    secretFiles: [
      {
        variable: 'PGPASSFILE',
        content: new Secret('canary-file'),
        instead: { variable: 'PGPASSWORD', value: new Secret('canary-instead') },
      },
    ],
    removes: ['PGSERVICE'],
    templates: {
      environment: { AWS_WEB_IDENTITY_TOKEN_FILE: '{token_file}' },
      files: {
        GOOGLE_APPLICATION_CREDENTIALS:
          '{ "type": "external_account", "credential_source": { "file": "{token_file}" } }',
      },
    },
  },
};
