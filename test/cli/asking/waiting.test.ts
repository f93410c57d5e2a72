import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { RequestView } from '../../../src/core/view.ts';
import { createTestWorld, type TestWorld, type TestWorldOptions } from '../../support/fakes/cli-world.ts';
import { buildClaimed, buildGrantView } from '../../support/fakes/fake-backend.ts';
import { buildPendingView, buildReview, withReviews } from '../../support/fakes/fake-reviews.ts';

const ASK = ['request', 'prod:db.write', '--on', 'orders', '--for', '15m', '--reason', 'INC-4211 totals'];
const pending = buildPendingView({ canApprove: ['dba-lead', 'eva', 'guard'] });
const approved = { ...withReviews(pending, [buildReview({ reason: 'go' })]), state: 'approved' as const };

type Script = {
  readonly asked: RequestView;
  readonly later: readonly RequestView[];
  /** What is claimed in the end. */
  readonly claimed?: RequestView;
  readonly options?: TestWorldOptions;
};

type WaitingWorld = TestWorld & {
  /** Resolves once the request is followed, for the time after those before. */
  untilFollowed(): Promise<void>;
  /** The look that is under way sees what is next. */
  next(): void;
};

/** A world in which each look at the request takes as long as the test lets it. */
function openWorld({ asked, later, claimed = approved, options = {} }: Script): WaitingWorld {
  const rest = [...later];
  let followed = Promise.withResolvers<void>();
  let wake: () => void = () => undefined;
  const backend: Partial<ApprovalBackend> = {
    submit: async () => ({ request: asked, claimed: null }),
    readRequest: async () => asked,
    follow: () =>
      new Promise((resolve) => {
        wake = () => resolve(rest.shift() ?? approved);
        followed.resolve();
      }),
    claim: async () =>
      buildClaimed({
        request: { ...claimed, state: 'claimed' },
        grant: buildGrantView({ scopes: claimed.scopes }),
      }),
  };
  return Object.assign(createTestWorld({ backend, ...options }), {
    untilFollowed: () => followed.promise,
    next: () => {
      followed = Promise.withResolvers();
      wake();
    },
  });
}

describe('whoever waits for people', () => {
  it.each([
    [
      [],
      [],
      '  nobody whom jit has seen can approve it yet: ask whoever can to log in · https://jit.example.com/requests/req_1',
    ],
    [
      [buildReview()],
      ['dba', 'sre'],
      '  nobody else whom jit has seen can approve it yet: ask somebody of dba and sre to log in · https://jit.example.com/requests/req_1',
    ],
  ])(
    'is told at once where nobody whom the server knows can approve: %j %j',
    async (reviews, groups, line) => {
      const asked = withReviews(
        { ...pending, canApprove: [], approvals: { needed: 2, given: 0, groups } },
        reviews,
      );
      const world = openWorld({ asked, later: [] });
      expect(await runProgram([...ASK, '--no-wait'], world)).toBe(5);
      expect(world.terminal.told).toContain(line);
    },
  );

  it('is told who can approve, how they were told, and the link to send them', async () => {
    const told = { ...pending, told: ['slack'], approvals: { needed: 2, given: 0, groups: [] } };
    const world = openWorld({ asked: told, later: [] });
    const asking = runProgram(ASK, world);
    await world.untilFollowed();
    expect(world.terminal.told).toEqual([
      '  dba-lead or 2 others can approve, 2 must · told on slack · https://jit.example.com/requests/req_1',
      expect.stringMatching(
        /^… waiting for dba-lead or 2 others · 0 of 2 · lapses at .* · orders · prod:db\.write · req_1$/,
      ),
    ]);
    world.next();
    expect(await asking).toBe(0);
  });

  it('sees each approval in a log as a line of its own, and the channels that took the message later', async () => {
    const first = withReviews({ ...pending, approvals: { needed: 2, given: 0, groups: ['security'] } }, [
      buildReview(),
    ]);
    const world = openWorld({ asked: pending, later: [{ ...pending, told: ['webhook'] }, first] });
    const asking = runProgram(ASK, world);
    for (let look = 0; look < 3; look += 1) {
      await world.untilFollowed();
      world.next();
    }
    expect(await asking).toBe(0);
    expect(world.terminal.told.slice(2)).toEqual([
      '  told on webhook',
      expect.stringContaining(
        '… waiting for dba-lead or 2 others · 1 of 2: dba-lead approved 0 s ago, somebody of security must · lapses',
      ),
      expect.stringMatching(/^✔ approved by dba-lead · orders · prod:db\.write · until/),
      '  dba-lead: go',
    ]);
  });

  it('sees on a terminal how long ago it was, second by second, in one line of the terminal’s width', async () => {
    const first = withReviews({ ...pending, approvals: { needed: 2, given: 0, groups: [] } }, [
      buildReview(),
    ]);
    const world = openWorld({ asked: first, later: [], options: { interactive: true } });
    const asking = runProgram(ASK, world);
    await world.untilFollowed();
    expect(world.terminal.told.join('\n')).toMatch(/can approve(?!, \d must)/);
    await world.parts.clock.advance(20_000);
    const lines = world.terminal.told.filter((line) => line.startsWith('… '));
    expect(lines.at(-1)).toContain('1 of 2: dba-lead approved 20 s ago');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
    world.next();
    expect(await asking).toBe(0);
  });

  it('is told when less was approved than asked', async () => {
    const less = {
      ...approved,
      durationSeconds: 600,
      originally: { scopes: ['prod:db.read', 'prod:db.write'], durationSeconds: 900 },
    };
    const world = openWorld({ asked: pending, later: [], claimed: less });
    const asking = runProgram(ASK, world);
    await world.untilFollowed();
    world.next();
    expect(await asking).toBe(0);
    expect(world.terminal.told).toContain(
      '  less than you asked for: for 10 min instead of 15 min, without prod:db.read',
    );
  });

  it('S12: reads what a reviewer wrote as text, whatever it holds', async () => {
    const hostile = withReviews(pending, [
      buildReview({ outcome: 'denied', reason: 'no\u001b[2J\u202e way', by: 'lead\r' }),
    ]);
    const world = openWorld({ asked: pending, later: [{ ...hostile, state: 'denied' }] });
    const asking = runProgram(ASK, world);
    await world.untilFollowed();
    world.next();
    expect(await asking).toBe(3);
    expect(world.terminal.told.join('\n')).toContain('lead\\r says "no\\x1b[2J\\u202e way"');
  });
});

describe('whoever looked away', () => {
  type Waiting = { readonly args?: readonly string[]; readonly seconds?: number };
  const wait = async (
    options: TestWorldOptions,
    { args = ASK, seconds = 10 }: Waiting = {},
  ): Promise<TestWorld> => {
    const world = openWorld({ asked: pending, later: [], options: { interactive: true, ...options } });
    const asking = runProgram(args, world);
    await world.untilFollowed();
    await world.parts.clock.advance(seconds * 1_000);
    world.next();
    expect(await asking).toBe(0);
    return world;
  };

  it('is called by the desktop', async () => {
    const shown: string[] = [];
    const world = await wait({ desktop: (text) => shown.push(text) > 0 });
    expect(shown).toEqual(['approved · orders · prod:db.write']);
    expect(world.terminal.alerts).toEqual([]);
  });

  it('is called by the terminal where there is no desktop', async () => {
    const world = await wait({});
    expect(world.terminal.alerts).toEqual(['jit: approved · orders · prod:db.write']);
  });

  it.each([
    ['who waited no longer than a moment', {}, { seconds: 9 }],
    ['in CI', { processes: { environment: { CI: 'true' } } }, {}],
    ['who has turned it off', { config: { profiles: {}, notify: false } }, {}],
    ['whose program reads the answer', {}, { args: [...ASK, '--json'] }],
  ] as const)('is left alone: %s', async (_, options, waiting) => {
    const shown: string[] = [];
    const world = await wait({ ...options, desktop: (text) => shown.push(text) > 0 }, waiting);
    expect([...shown, ...world.terminal.alerts]).toEqual([]);
  });
});
