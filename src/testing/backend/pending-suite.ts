import { equal, ok, rejects } from 'node:assert/strict';
import { JitError } from '../../core/errors.ts';
import { type Needing, refuses } from './subject.ts';

const AT_ONCE_MS = 5_000;

/** What waits for a person: following it, leaving it, taking it back. */
export function describePending(needing: Needing): void {
  const given = needing('readRequest', 'follow', 'claim', 'cancel');

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

/** What a person decided. */
export function describeDecided(needing: Needing): void {
  const given = needing('readRequest', 'follow', 'claim');

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
