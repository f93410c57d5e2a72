import { describe, expect, it } from 'vitest';
import { fail } from '../../src/core/errors.ts';
import type { TestResult } from '../../src/core/plugin-report.ts';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import { Secret } from '../../src/core/secret.ts';
import { runSuite } from '../../src/plugin/run-suite.ts';
import { type BackendSuiteOptions, backendSuite } from '../../src/testing/backend.ts';
import { buildGrantView, buildRequestView, createFakeBackend } from '../support/fakes/fake-backend.ts';

const NOW = Date.now();
const ASKED = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 600,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

/** A backend that grants everything at once, as it should, but for what is changed. */
function createGranting(changes: Partial<ApprovalBackend>): ApprovalBackend {
  const request = buildRequestView({ id: 'req_1', durationSeconds: 600, lapsesAt: NOW + 3_600_000 });
  let isEnded = false;
  const grant = () =>
    buildGrantView({
      expiresAt: NOW + 600_000,
      state: isEnded ? 'ended' : 'active',
      revocation: {
        token: isEnded ? 'revoked' : 'live',
        target: isEnded ? 'gone' : 'live',
        confirmed: isEnded,
        attempts: 0,
        lastError: null,
        sessionsEnded: 0,
      },
    });
  const requireKnown = (id: string): void => {
    if (!['req_1', 'gr_1'].includes(id)) throw fail('not_found', { what: id });
  };
  const claim = async (id: string) => {
    requireKnown(id);
    if (isEnded) throw fail('no_grant', { why: 'it has ended' });
    return { request, grant: grant(), token: new Secret('t'), credential: null };
  };
  return createFakeBackend({
    submit: async ({ scopes, target }) => {
      if (scopes[0] !== ASKED.scopes[0]) throw fail('unknown_scope', { scope: scopes[0] ?? '' });
      if (target !== ASKED.target) throw fail('unknown_target', { target });
      isEnded = false;
      return { request, claimed: await claim('req_1') };
    },
    claim,
    readRequest: async (id) => {
      requireKnown(id);
      return request;
    },
    readGrant: async (id) => {
      requireKnown(id);
      return grant();
    },
    revoke: async (id) => {
      requireKnown(id);
      isEnded = true;
      return grant();
    },
    readStatus: async () => ({ asOf: Date.now(), requests: [], grants: isEnded ? [] : [grant()] }),
    ...changes,
  });
}

async function check(
  changes: Partial<ApprovalBackend>,
  options?: BackendSuiteOptions,
): Promise<readonly TestResult[]> {
  return runSuite({
    part: 'backend',
    onResult: () => undefined,
    register: (runner, skip) =>
      backendSuite(
        runner,
        async () => ({
          backend: createGranting(changes),
          now: () => Date.now(),
          automatic: ASKED,
          reviewed: null,
          skip,
          close: async () => undefined,
        }),
        options,
      ),
  });
}

const listFailed = (results: readonly TestResult[]) =>
  results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);

const broad = buildGrantView({ scopes: ['prod:db.read', 'prod:db.write'], expiresAt: NOW + 600_000 });
const long = buildGrantView({ expiresAt: NOW + 6_000_000 });
const claimed = (grant: typeof broad) => async () => ({
  request: buildRequestView({ lapsesAt: NOW + 3_600_000, durationSeconds: 600 }),
  claimed: { request: buildRequestView(), grant, token: new Secret('t'), credential: null },
});

/** Makes another request each time, whatever the key is. */
function createForgetful(): ApprovalBackend['submit'] {
  let made = 0;
  return async () => {
    made += 1;
    return { ...(await claimed(long)()), request: buildRequestView({ id: `req_${made}` }) };
  };
}

const notOffered = (): Promise<never> =>
  Promise.reject(fail('not_offered', { address: 'https://jit.example.com', what: 'this' }));

describe('the contract of backends', () => {
  it('is held by one that keeps it; what needs people could not be tried', async () => {
    const results = await check({});
    expect(listFailed(results)).toEqual([]);
    expect(results.filter(({ outcome }) => outcome === 'skipped').map(({ why }) => why)).toEqual([
      ...Array(4).fill('nothing waits for a person'),
      ...Array(2).fill('nobody decides here'),
    ]);
  });

  const TOK_04 = 'TOK-04: what is granted is what was asked for, ends in time, and comes with a token';
  it.each<[string, Partial<ApprovalBackend>, string]>([
    ['grants more than was asked for', { submit: claimed(broad) }, TOK_04],
    ['grants for longer than was asked for', { submit: claimed(long) }, TOK_04],
    [
      'says confirmed when it is not',
      {
        revoke: async () =>
          buildGrantView({
            revocation: { ...broad.revocation, token: 'revoked', target: 'live', confirmed: true },
          }),
      },
      'giving back tells the truth, part by part, however often',
    ],
    [
      'forgets what it grants',
      { readStatus: async () => ({ asOf: Date.now(), requests: [], grants: [] }) },
      'status lists a grant while it lives',
    ],
    [
      'knows what there is not',
      { readGrant: async () => buildGrantView() },
      'a grant that there is not is not found',
    ],
    [
      'breaks down where it should refuse',
      { claim: () => Promise.reject(new TypeError('undefined is not a function')) },
      'a request that there is not is not found',
    ],
    [
      'does not know a request again',
      { submit: createForgetful() },
      'asking again with the same key finds the same request',
    ],
  ])('is broken by one that %s', async (_, changes, name) => {
    expect(listFailed(await check(changes))).toContain(name);
  });

  it('is held by one that lacks what it is known to lack, with nothing skipped for it', async () => {
    const results = await check({ claim: notOffered }, { lacks: ['claim'] });
    expect(listFailed(results)).toEqual([]);
    expect(results.map(({ name }) => name)).toContain('claim is refused as what is not offered');
    expect(results.filter(({ outcome }) => outcome === 'skipped')).toEqual([]);
  });

  it('is broken by one that lacks more than that, or less', async () => {
    const more = await check({ claim: notOffered, readStatus: notOffered }, { lacks: ['claim'] });
    expect(listFailed(more)).toContain('status lists a grant while it lives');
    expect(listFailed(await check({}, { lacks: ['claim'] }))).toEqual([
      'claim is refused as what is not offered',
    ]);
  });
});
