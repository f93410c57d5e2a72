import { equal, ok } from 'node:assert/strict';
import { describeGranted } from './backend/granted-suite.ts';
import { describeDecided, describePending } from './backend/pending-suite.ts';
import { type BackendUnderTest, type BackendWorld, type Given, refuses } from './backend/subject.ts';
import { runInWorld } from './backend/world.ts';
import type { SuiteRunner } from './suite.ts';

export type { BackendUnderTest } from './backend/subject.ts';

/** What every `ApprovalBackend` does. What one does not offer (`not_offered`) it need not do. */
export function backendSuite(runner: SuiteRunner, open: () => Promise<BackendUnderTest>): void {
  const given = (name: string, body: (world: BackendWorld) => Promise<void>): void =>
    runner.test(name, () => runInWorld(open, body));
  describeAsking(given);
  describeGranted(given);
  describePending(given);
  describeDecided(given);
  describeRefusing(given);
}

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
