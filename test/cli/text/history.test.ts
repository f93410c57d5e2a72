import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { RequestView } from '../../../src/core/view.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';
import { buildEndedGrant, buildRequestView } from '../../support/fakes/fake-backend.ts';
import { buildPendingView, buildReview, withReviews } from '../../support/fakes/fake-reviews.ts';

async function printHistory(requests: readonly RequestView[], args: readonly string[] = []): Promise<string> {
  const world = createTestWorld({
    backend: { listHistory: async () => ({ asOf: buildRequestView().createdAt, requests, grants: [] }) },
  });
  expect(await runProgram(['history', ...args], world)).toBe(0);
  return world.terminal.printed;
}

describe('jit history', () => {
  it('says who denied, and not who had approved before', async () => {
    const reviews = [buildReview({ by: 'guard' }), buildReview({ by: 'lead', outcome: 'denied' })];
    const denied = withReviews(buildPendingView({ state: 'denied' }), reviews);
    expect(await printHistory([denied])).toMatch(/denied .* lead /);
    expect(await printHistory([denied])).not.toContain('guard');
    const approved = withReviews(buildPendingView({ state: 'approved' }), reviews.slice(0, 1));
    expect(await printHistory([approved])).toContain('guard');
  });

  it('says who took it away', async () => {
    const world = createTestWorld({
      backend: {
        listHistory: async () => ({
          asOf: buildRequestView().createdAt,
          requests: [buildRequestView()],
          grants: [buildEndedGrant({ endedBecause: 'revoked', endedBy: 'dba-lead' })],
        }),
      },
    });
    expect(await runProgram(['history'], world)).toBe(0);
    expect(world.terminal.printed).toContain('ended (revoked by dba-lead)');
  });

  it('says what came of the review of break-glass', async () => {
    const glass = buildRequestView({ breakGlass: true });
    const reviewed = { dueAt: 0, by: 'lead', reason: 'no emergency', at: 0 };
    expect(await printHistory([glass])).toContain('claimed (break-glass)');
    expect(await printHistory([{ ...glass, afterwards: { ...reviewed, state: 'objected' } }])).toContain(
      'claimed (break-glass, objected)',
    );
  });

  it('does not say that somebody asked for nothing where the reader may not know', async () => {
    expect(await printHistory([])).toContain('nothing asked for yet');
    expect(await printHistory([], ['--user', 'eva'])).toContain(
      'nobody called eva has a history that you may see',
    );
  });
});

describe('jit history of one request', () => {
  const why = 'not while the shop is full: the replica has it';
  const review = buildReview({ by: 'lead', outcome: 'denied', reason: why });
  const denied = withReviews(buildPendingView({ id: 'req_0k7denied', state: 'denied' }), [review]);

  function openWorld(requests: readonly RequestView[] = [denied]) {
    return createTestWorld({
      backend: {
        listHistory: async () => ({ asOf: denied.createdAt, requests, grants: [] }),
        readRequest: async (id) => requests.find((request) => request.id === id) ?? denied,
        readGrant: async () => buildEndedGrant({ endedBecause: 'revoked', endedBy: 'dba-lead' }),
      },
    });
  }

  it('says who denied it and why, whether its id or an ending is typed', async () => {
    for (const typed of ['req_0k7denied', 'DENIED']) {
      const world = openWorld();
      expect(await runProgram(['history', typed], world)).toBe(0);
      const told = world.terminal.told.join('\n');
      expect(told).toMatch(/^denied · orders · prod:db\.write\n/);
      expect(told).toMatch(new RegExp(`denied +by lead at \\d\\d:\\d\\d: ${why}`));
      expect(told).toContain('writes-need-a-dba: changing production data needs a dba');
    }
  });

  it('says what came of it', async () => {
    const claimed = buildRequestView({ id: 'req_0k8', grantId: 'gr_1' });
    const world = openWorld([claimed]);
    expect(await runProgram(['history', 'req_0k8'], world)).toBe(0);
    expect(world.terminal.told[0]).toMatch(/^ended \(revoked by dba-lead\) · orders/);
    expect(world.terminal.told.join('\n')).toContain('gr_1 was revoked by dba-lead');
    await runProgram(['history', 'req_0k8', '--json'], world);
    expect(JSON.parse(world.terminal.printed)).toMatchObject({
      request: { id: 'req_0k8' },
      grant: { id: 'gr_1', ended_by: 'dba-lead' },
    });
  });

  it.each([
    ['too short', 'ied', 2, /too short/],
    ['not there', '0000', 1, /no request in the history that ends in "0000"/],
    ['of two', 'denied', 2, /req_0k7denied, req_0k9denied/],
  ])('refuses an ending that is %s', async (_what, typed, exitCode, said) => {
    const world = openWorld([denied, { ...denied, id: 'req_0k9denied' }]);
    expect(await runProgram(['history', typed], world)).toBe(exitCode);
    expect(world.terminal.told.join('\n')).toMatch(said);
  });

  it('stands below a denied one in the list, and nowhere where none was denied', async () => {
    expect(await printHistory([denied, buildRequestView()])).toContain(`lead says "${why}"`);
    expect(await printHistory([buildRequestView()])).not.toContain('WHY NOT');
  });
});
