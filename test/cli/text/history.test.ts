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
