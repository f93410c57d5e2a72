import { equal, ok } from 'node:assert/strict';
import { describeGranted } from './backend/granted-suite.ts';
import { describeLacking } from './backend/lacking-suite.ts';
import { describeDecided, describePending } from './backend/pending-suite.ts';
import { type BackendUnderTest, type Lackable, type Needing, refuses } from './backend/subject.ts';
import { runInWorld } from './backend/world.ts';
import type { SuiteRunner } from './suite.ts';

export type { BackendUnderTest } from './backend/subject.ts';

export type BackendSuiteOptions = {
  /**
   * All that the backend does not offer. Tests that need it are not made, it MUST be refused with `not_offered`, and
   * nothing else may be. Without it, whatever is not offered ends its test without a failure.
   */
  readonly lacks?: readonly Lackable[];
};

/** What every `ApprovalBackend` does. */
export function backendSuite(
  runner: SuiteRunner,
  open: () => Promise<BackendUnderTest>,
  { lacks }: BackendSuiteOptions = {},
): void {
  const needing: Needing =
    (...methods) =>
    (name, body) => {
      if (methods.some((method) => lacks?.some((lacking) => lacking === method))) return;
      runner.test(name, () => runInWorld(open, { body, mayLack: lacks === undefined }));
    };
  describeAsking(needing);
  describeGranted(needing);
  describePending(needing);
  describeDecided(needing);
  describeRefusing(needing);
  if (lacks) describeLacking(needing(), lacks);
}

function describeAsking(needing: Needing): void {
  const given = needing();
  given('asking again with the same key finds the same request', async (world) => {
    const asked = world.reviewed ?? world.automatic;
    if (!asked) return world.skip?.('there is nothing to ask for');
    const key = world.newKey();
    const first = await world.submit(asked, key);
    const second = await world.submit(asked, key);
    equal(second.request.id, first.request.id);
    equal(second.claimed?.grant.id, first.claimed?.grant.id);
  });

  needing('readRequest')('a request is found by its id', async (world) => {
    const asked = world.reviewed ?? world.automatic;
    if (!asked) return world.skip?.('there is nothing to ask for');
    const { request } = await world.submit(asked);
    equal((await world.backend.readRequest(request.id)).id, request.id);
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

function describeRefusing(needing: Needing): void {
  const given = needing();
  given('a grant that there is not is not found', async ({ backend }) => {
    await refuses(backend.readGrant('gr_0000000000'));
    await refuses(backend.revoke('gr_0000000000', 'done'));
  });

  needing('readRequest', 'claim')('a request that there is not is not found', async ({ backend }) => {
    await refuses(backend.readRequest('req_0000000000'));
    await refuses(backend.claim('req_0000000000'));
  });

  given('a scope or a target that there is not is refused, in words', async (world) => {
    const asked = world.automatic ?? world.reviewed;
    if (!asked) return world.skip?.('there is nothing to ask for');
    await refuses(world.submit({ ...asked, scopes: ['none:such.scope'] }));
    await refuses(world.submit({ ...asked, target: 'no-such-target' }));
  });
}
