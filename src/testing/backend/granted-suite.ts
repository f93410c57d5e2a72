import { deepEqual, equal, ok } from 'node:assert/strict';
import type { GrantView } from '../../core/view.ts';
import { type Needing, refuses } from './subject.ts';

const SLACK_MS = 10_000;

/** What is granted at once: picking it up, seeing it, giving it back. */
export function describeGranted(needing: Needing): void {
  const given = needing();
  const claiming = needing('claim');

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

  claiming('claiming again gives the same grant', async (world) => {
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

  claiming('what was given back cannot be claimed', async (world) => {
    if (!world.automatic) return world.skip?.('nothing is granted at once');
    const { request, grant } = await world.obtain();
    await world.backend.revoke(grant.id, 'done');
    await refuses(world.backend.claim(request.id));
  });
}

function requireTruth(grant: GrantView, id: string): void {
  const { token, target, confirmed } = grant.revocation;
  equal(grant.id, id);
  equal(confirmed, token === 'revoked' && target === 'gone', 'confirmed is not what its parts say');
  equal(grant.state, confirmed ? 'ended' : 'revoking');
}
