import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { JitError } from '../core/errors.ts';
import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { Asked } from '../core/request.ts';
import type { Claimed, GrantView, RequestView } from '../core/view.ts';
import { createBackendWorld } from './backend-world.ts';
import type { SuiteRunner } from './suite.ts';

/** A backend, and what may be asked of it. */
export type BackendUnderTest = {
  /** A new one for each test. */
  readonly backend: ApprovalBackend;
  readonly now: () => number;
  /** Something that is granted at once; null where nothing is. */
  readonly automatic: Asked | null;
  /** Something that waits for a person; null where nothing does. */
  readonly reviewed: Asked | null;
  /** Decides as that person would. Without it, what follows a decision is not tested. */
  readonly decide?: (requestId: string, outcome: 'approved' | 'denied') => PromiseLike<void>;
  /** Told of a test that could not be made, and why. */
  readonly skip?: (why: string) => void;
  readonly close: () => PromiseLike<void>;
};

/** A test's own view of it: everything that is asked for through it is taken back at the end. */
export type BackendWorld = Omit<BackendUnderTest, 'close'> & {
  readonly newKey: () => string;
  readonly submit: (asked: Asked, key?: string) => Promise<Submitted>;
  /** Asks for what is granted at once and picks it up. */
  readonly obtain: () => Promise<Claimed>;
  /** Asks for what waits for a person. */
  readonly await: () => Promise<RequestView>;
};

export type Submitted = { readonly request: RequestView; readonly claimed: Claimed | null };

/** What every `ApprovalBackend` does. What one does not offer (`not_offered`) it need not do. */
export function backendSuite(runner: SuiteRunner, open: () => Promise<BackendUnderTest>): void {
  const given = (name: string, body: (world: BackendWorld) => Promise<void>): void =>
    runner.test(name, () => createBackendWorld(open, body));
  describeAsking(given);
  describeGranted(given);
  describePending(given);
  describeDecided(given);
  describeRefusing(given);
}

type Given = (name: string, body: (world: BackendWorld) => Promise<void>) => void;

const SLACK_MS = 10_000;
const AT_ONCE_MS = 5_000;

function describeAsking(given: Given): void {
  given('asking again with the same key finds the same request', async (world) => {
    const asked = world.reviewed ?? world.automatic;
    if (!asked) return world.skip?.('there is nothing to ask for');
    const key = world.newKey();
    const first = await world.submit(asked, key);
    const second = await world.submit(asked, key);
    equal(second.request.id, first.request.id);
    equal((await world.backend.readRequest(first.request.id)).id, first.request.id);
  });

  given('a request is what was asked for, and no more', async (world) => {
    const asked = world.reviewed ?? world.automatic;
    if (!asked) return world.skip?.('there is nothing to ask for');
    const { request } = await world.submit(asked);
    ok(
      request.scopes.every((scope) => asked.scopes.includes(scope)),
      `scopes: ${request.scopes.join(' ')}`,
    );
    equal(request.target, asked.target);
    equal(request.reason, asked.reason);
    ok(request.durationSeconds <= asked.durationSeconds, `${request.durationSeconds} s`);
    ok(request.lapsesAt > world.now(), 'it has lapsed already');
  });
}

function describeGranted(given: Given): void {
  given(
    'TOK-04: what is granted is what was asked for, ends in time, and comes with a token',
    async (world) => {
      if (!world.automatic) return world.skip?.('nothing is granted at once');
      const { scopes, target, durationSeconds } = world.automatic;
      const { grant, token } = await world.obtain();
      equal(grant.state, 'active');
      equal(grant.target, target);
      ok(grant.scopes.every((scope) => scopes.includes(scope)));
      ok(grant.expiresAt <= world.now() + durationSeconds * 1000 + SLACK_MS, 'it ends later than was asked');
      ok(grant.expiresAt > world.now(), 'it has ended already');
      ok(token.reveal().length > 0, 'its token is empty');
    },
  );

  given('claiming again gives the same grant', async (world) => {
    if (!world.automatic) return world.skip?.('nothing is granted at once');
    const { request, grant } = await world.obtain();
    const again = await world.backend.claim(request.id);
    deepEqual([again.grant.id, again.grant.expiresAt], [grant.id, grant.expiresAt]);
    ok(again.token.reveal().length > 0);
  });

  given('status lists a grant while it lives', async (world) => {
    if (!world.automatic) return world.skip?.('nothing is granted at once');
    const { grant } = await world.obtain();
    const { grants, asOf } = await world.backend.readStatus();
    ok(
      grants.some(({ id }) => id === grant.id),
      'it is not listed',
    );
    ok(Math.abs(asOf - world.now()) < 60_000, 'it is as of another time');
  });

  given('giving back tells the truth, part by part, however often', async (world) => {
    if (!world.automatic) return world.skip?.('nothing is granted at once');
    const { grant } = await world.obtain();
    for (const ended of [
      await world.backend.revoke(grant.id, 'done'),
      await world.backend.revoke(grant.id, 'done'),
    ])
      requireTruth(ended, grant.id);
    const { grants } = await world.backend.readStatus();
    ok(!grants.some(({ id, state }) => id === grant.id && state === 'active'), 'it is active still');
  });

  given('what was given back cannot be claimed', async (world) => {
    if (!world.automatic) return world.skip?.('nothing is granted at once');
    const { request, grant } = await world.obtain();
    await world.backend.revoke(grant.id, 'done');
    await refuses(world.backend.claim(request.id));
  });
}

function describePending(given: Given): void {
  given('what waits for a person is pending, is listed, and cannot be claimed', async (world) => {
    if (!world.reviewed) return world.skip?.('nothing waits for a person');
    const request = await world.await();
    const { requests } = await world.backend.readStatus();
    ok(
      requests.some(({ id }) => id === request.id),
      'it is not listed',
    );
    await refuses(world.backend.claim(request.id));
    equal((await world.backend.readRequest(request.id)).state, 'pending');
  });

  given('following answers at once when something is different already', async (world) => {
    if (!world.reviewed) return world.skip?.('nothing waits for a person');
    const { id } = await world.await();
    const before = world.now();
    const view = await world.backend.follow(id, { state: 'approved', given: 0, told: 0 });
    equal(view.state, 'pending');
    ok(world.now() - before < AT_ONCE_MS, 'it took its time');
  });

  given('following can be left, and the request stays', async (world) => {
    if (!world.reviewed) return world.skip?.('nothing waits for a person');
    const { id, approvals, told } = await world.await();
    const leaving = new AbortController();
    const following = world.backend.follow(id, {
      state: 'pending',
      given: approvals.given,
      told: told.length,
      signal: leaving.signal,
    });
    leaving.abort();
    await following.catch((error: unknown) => ok(error instanceof JitError, String(error)));
    equal((await world.backend.readRequest(id)).state, 'pending');
  });

  given('what was taken back stays taken back', async (world) => {
    if (!world.reviewed) return world.skip?.('nothing waits for a person');
    const { id } = await world.await();
    equal((await world.backend.cancel(id)).state, 'cancelled');
    equal((await world.backend.cancel(id).catch(() => ({ state: 'cancelled' }))).state, 'cancelled');
    await refuses(world.backend.claim(id));
  });
}

function describeDecided(given: Given): void {
  given('following ends with the approval, and what was approved can be claimed', async (world) => {
    const { reviewed, decide } = world;
    if (!reviewed || !decide) return world.skip?.('nobody decides here');
    const { id, approvals, told } = await world.await();
    const known = { state: 'pending', given: approvals.given, told: told.length } as const;
    const following = world.backend.follow(id, known);
    await decide(id, 'approved');
    let view = await following;
    if (view.state === 'pending')
      view = await world.backend.follow(id, { ...known, given: view.approvals.given });
    equal(view.state, 'approved');
    const { grant } = await world.backend.claim(id);
    ok(grant.scopes.every((scope) => reviewed.scopes.includes(scope)));
  });

  given('what was denied is denied to whoever claims it', async (world) => {
    const { reviewed, decide } = world;
    if (!reviewed || !decide) return world.skip?.('nobody decides here');
    const { id } = await world.await();
    await decide(id, 'denied');
    equal((await world.backend.readRequest(id)).state, 'denied');
    await rejects(world.backend.claim(id), { code: 'denied' });
  });
}

function describeRefusing(given: Given): void {
  given('what there is not is not found', async ({ backend }) => {
    await refuses(backend.readRequest('req_0000000000'));
    await refuses(backend.claim('req_0000000000'));
    await refuses(backend.readGrant('gr_0000000000'));
    await refuses(backend.revoke('gr_0000000000', 'done'));
  });

  given('a scope or a target that there is not is refused, in words', async (world) => {
    const asked = world.automatic ?? world.reviewed;
    if (!asked) return world.skip?.('there is nothing to ask for');
    await refuses(world.submit({ ...asked, scopes: ['none:such.scope'] }));
    await refuses(world.submit({ ...asked, target: 'no-such-target' }));
  });
}

function requireTruth(grant: GrantView, id: string): void {
  const { token, target, confirmed } = grant.revocation;
  equal(grant.id, id);
  equal(confirmed, token === 'revoked' && target === 'gone', 'confirmed is not what its parts say');
  equal(grant.state, confirmed ? 'ended' : 'revoking');
}

/** With one of jit's errors that is no fault of the backend's. */
function refuses(action: Promise<unknown>): Promise<void> {
  return rejects(action, (error: unknown) => {
    ok(error instanceof JitError, String(error));
    ok(!['bad_answer', 'unreachable', 'plugin_unusable'].includes(error.code), error.message);
    return true;
  });
}
