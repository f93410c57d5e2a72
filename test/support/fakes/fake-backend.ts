import { fail } from '../../../src/core/errors.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Claimed, GrantView, RequestView, StatusView } from '../../../src/core/view.ts';

const AT = Date.parse('2026-11-21T12:00:00Z');
export const MINUTE_MS = 60_000;

export function buildRequestView(parts: Partial<RequestView> = {}): RequestView {
  return {
    id: 'req_1',
    url: 'https://jit.example.com/requests/req_1',
    state: 'claimed',
    scopes: ['prod:db.read'],
    target: 'orders',
    durationSeconds: 1_800,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    requestedBy: 'dev',
    createdAt: AT,
    lapsesAt: AT + 60 * MINUTE_MS,
    claimBy: null,
    decision: {
      outcome: 'automatic',
      rule: 'reads-are-automatic',
      reasons: ['a read'],
      advice: [],
      reviews: [],
    },
    approvals: { needed: 0, given: 0, groups: [] },
    canApprove: [],
    told: [],
    grantId: 'gr_1',
    extendsGrantId: null,
    breakGlass: false,
    originally: { scopes: ['prod:db.read'], durationSeconds: 1_800 },
    escalatedAt: null,
    afterwards: null,
    digest: 'digest-1',
    ...parts,
  };
}

export function buildGrantView(parts: Partial<GrantView> = {}): GrantView {
  return {
    id: 'gr_1',
    url: 'https://jit.example.com/grants/gr_1',
    requestId: 'req_1',
    state: 'active',
    scopes: ['prod:db.read'],
    target: 'orders',
    heldBy: 'dev',
    breakGlass: false,
    claimedAt: AT,
    expiresAt: AT + 30 * MINUTE_MS,
    lastUsedAt: null,
    endedAt: null,
    endedBecause: null,
    revocation: {
      token: 'live',
      target: 'live',
      confirmed: false,
      attempts: 0,
      lastError: null,
      sessionsEnded: 0,
    },
    ...parts,
  };
}

export function buildClaimed(parts: Partial<Claimed> = {}): Claimed {
  return {
    request: buildRequestView(),
    grant: buildGrantView(),
    token: new Secret('token-1'),
    credential: {
      environment: { PGHOST: 'db.internal' },
      secretEnvironment: {},
      secretFiles: [
        {
          variable: 'PGPASSFILE',
          content: new Secret('db.internal:5432:*:role:password-1'),
          instead: { variable: 'PGPASSWORD', value: new Secret('password-1') },
        },
      ],
      removes: [],
    },
    ...parts,
  };
}

/** A grant that was taken away and seen dead. */
export function buildEndedGrant(parts: Partial<GrantView> = {}): GrantView {
  return buildGrantView({
    state: 'ended',
    endedBecause: 'done',
    revocation: {
      token: 'revoked',
      target: 'gone',
      confirmed: true,
      attempts: 1,
      lastError: null,
      sessionsEnded: 0,
    },
    ...parts,
  });
}

export function buildStatus(parts: Partial<StatusView> = {}): StatusView {
  return { asOf: AT, requests: [], grants: [], ...parts };
}

export const unreachable = fail('unreachable', {
  address: 'https://jit.example.com',
  why: 'connection refused',
});

export type FakeBackend = ApprovalBackend & {
  /** The calls in order, as `method argument`. */
  readonly calls: readonly string[];
};

const METHODS = [
  'readPerson',
  'listScopes',
  'preview',
  'submit',
  'readRequest',
  'follow',
  'claim',
  'cancel',
  'readStatus',
  'listHistory',
  'readInbox',
  'readDossier',
  'approve',
  'deny',
  'reviewAfterwards',
  'listRevocable',
  'revokeMany',
  'readGrant',
  'revoke',
] as const satisfies readonly (keyof ApprovalBackend)[];

type Method = (typeof METHODS)[number];

/** Answers with what it was given; a method that was not given rejects with `unreachable`. */
export function createFakeBackend(methods: Partial<ApprovalBackend> = {}): FakeBackend {
  const calls: string[] = [];
  const answer =
    (name: Method) =>
    async (...args: readonly unknown[]): Promise<unknown> => {
      calls.push([name, typeof args[0] === 'string' ? args[0] : ''].join(' ').trim());
      const method = methods[name] as ((...all: readonly unknown[]) => unknown) | undefined;
      if (!method) throw unreachable;
      return method(...args);
    };
  const answers = Object.fromEntries(METHODS.map((name) => [name, answer(name)])) as unknown as Pick<
    ApprovalBackend,
    Method
  >;
  return {
    address: 'https://jit.example.com',
    calls,
    ...answers,
    reportUse: methods.reportUse ?? answers.readGrant,
    abandon: methods.abandon ?? (async () => 'live'),
  };
}
