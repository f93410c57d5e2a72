import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { InboxView } from '../../../src/core/view.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import { buildRequestView, MINUTE_MS, unreachable } from '../../support/fakes/fake-backend.ts';
import { buildInbox, buildPendingView } from '../../support/fakes/fake-reviews.ts';

const first = buildPendingView({ id: 'req_01first1', reason: 'INC-1 \u001b[31mtotals' });
const second = buildPendingView({
  id: 'req_01second',
  requestedBy: 'eva',
  approvals: { needed: 2, given: 1, groups: [] },
});
const glass = buildRequestView({
  id: 'req_01glass1',
  breakGlass: true,
  afterwards: { dueAt: first.createdAt - MINUTE_MS, state: 'overdue', by: null, reason: null, at: null },
});

describe('jit inbox', () => {
  it('is a line for each request in a pipe, whole, and one document as JSON', async () => {
    const inbox = buildInbox({ requests: [first, second], afterwards: [glass] });
    const world = createTestWorld({ backend: { readInbox: async () => inbox } });
    expect(await runProgram(['inbox'], world)).toBe(0);
    const lines = world.terminal.printed.split('\n').map((line) => line.split(/\s{2,}/));
    expect(lines).toEqual([
      ['REQUEST', 'WHO', 'TARGET', 'SCOPES', 'FOR', 'APPROVALS', 'LAPSES IN', 'REASON'],
      ['req_01first1', 'dev', 'orders', 'prod:db.write', '15 min', '0 of 1', '1 h', 'INC-1 \\x1b[31mtotals'],
      ['req_01second', 'eva', 'orders', 'prod:db.write', '15 min', '1 of 2', '1 h', 'INC-4211 slow checkout'],
      [''],
      ['BREAK-GLASS', 'WHO', 'TARGET', 'SCOPES', 'REVIEW', 'REASON'],
      ['req_01glass1', 'dev', 'orders', 'prod:db.read', 'OVERDUE', 'INC-4211 slow checkout'],
      [''],
    ]);
    const asJson = createTestWorld({ backend: { readInbox: async () => inbox } });
    expect(await runProgram(['inbox', '--json'], asJson)).toBe(0);
    expect(JSON.parse(asJson.terminal.printed)).toMatchObject({
      position: 7,
      requests: [{ id: 'req_01first1', digest: 'digest-1' }, { id: 'req_01second' }],
      afterwards: [{ id: 'req_01glass1', afterwards: { state: 'overdue' } }],
    });
  });

  it('is remembered, so that completion knows it', async () => {
    const inbox = buildInbox({ requests: [first], afterwards: [glass] });
    const world = createTestWorld({ backend: { readInbox: async () => inbox } });
    await runProgram(['inbox', '--once'], world);
    const before = world.terminal.printed.length;
    await runProgram(['__complete', '--', 'approve', 'req_01f'], world);
    await runProgram(['__complete', '--', 'review', 'req_01g'], world);
    expect(world.terminal.printed.slice(before)).toBe('req_01first1\nreq_01glass1\n');
  });

  it('updates by itself on a terminal until Ctrl-C, fits its width, and calls for what is new', async () => {
    const looks: Parameters<TestWorld['parts']['backend']['readInbox']>[0][] = [];
    let answer: (inbox: InboxView | Error) => void = () => undefined;
    let looked = Promise.withResolvers<void>();
    const world = createTestWorld({
      interactive: true,
      backend: {
        readInbox: (following) => {
          looks.push(following);
          if (following?.after === undefined) return Promise.resolve(buildInbox({ requests: [first] }));
          return new Promise((resolve, reject) => {
            following.signal?.addEventListener('abort', () => reject(unreachable));
            answer = (inbox) => (inbox instanceof Error ? reject(inbox) : resolve(inbox));
            looked.resolve();
          });
        },
      },
    });
    const next = async (inbox: InboxView | Error): Promise<string> => {
      await looked.promise;
      looked = Promise.withResolvers();
      const before = world.terminal.printed.length;
      answer(inbox);
      if (inbox instanceof Error) {
        await world.parts.clock.untilSleeping();
        await world.parts.clock.advance(2_000);
      }
      await looked.promise;
      return world.terminal.printed.slice(before);
    };
    const watching = runProgram(['inbox'], world);
    expect(await next(buildInbox({ position: 9, requests: [first, second] }))).toMatch(/second +eva/);
    expect(world.terminal.alerts).toEqual(['jit: eva asks for prod:db.write on orders']);
    expect(looks.map((look) => look?.after)).toEqual([undefined, 7, 9]);
    const many = Array.from({ length: 50 }, (_, index) => ({ ...first, id: `req_01many${index}` }));
    const crowded = await next(buildInbox({ position: 9, requests: [first, second, ...many] }));
    expect(crowded).toContain('… and more: jit inbox --once shows all of it');
    expect(crowded.split('\n').length).toBeLessThanOrEqual(24);
    expect(await next(unreachable)).toContain('the server is not reached; trying again');
    expect(await next(buildInbox({ position: 10 }))).toContain('nothing waits for you');
    const widths = world.terminal.printed.split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    world.interruptNow();
    expect(await watching).toBe(0);
    expect(world.terminal.printed).toMatch(/\n\nupdates by itself · Ctrl-C to leave\n$/);
    expect(world.terminal.printed).toContain('\u001b[2J');
    expect(world.terminal.printed).not.toContain('\u001b[3J');
  });

  it.each([['--json'], ['--once'], ['req_1']])('does not watch and %s', async (word) => {
    expect(await runProgram(['inbox', '--watch', word], createTestWorld())).toBe(2);
  });
});
