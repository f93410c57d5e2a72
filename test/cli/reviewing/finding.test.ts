import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';
import { MINUTE_MS } from '../../support/fakes/fake-backend.ts';
import {
  buildDossier,
  buildInbox,
  buildPendingView,
  buildReview,
  withReviews,
} from '../../support/fakes/fake-reviews.ts';

const pending = buildPendingView({ id: 'req_01abcdef' });
const other = buildPendingView({ id: 'req_01zzcdef' });
const approved = { ...withReviews(pending, [buildReview()]), state: 'approved' as const };
const DUE = { dueAt: pending.createdAt + MINUTE_MS, state: 'due', by: null, reason: null, at: null } as const;

describe('a request that is named to jit approve', () => {
  it('is found although it was decided since it stood in the inbox, and nothing is asked about it', async () => {
    let requests = [pending];
    const world = createTestWorld({
      interactive: true,
      backend: {
        readInbox: async () => buildInbox({ requests }),
        readDossier: async () => buildDossier({ request: requests.length > 0 ? pending : approved }),
      },
    });
    await runProgram(['inbox', '--once'], world);
    requests = [];
    expect(await runProgram(['approve', 'abcdef'], world)).toBe(1);
    expect(world.terminal.told.slice(-2)).toEqual([
      '✖ req_01abcdef is approved already',
      '  nothing was changed; see who decided with jit inbox req_01abcdef',
    ]);
    expect(world.terminal.asked).toEqual([]);
  });

  it('is one for jit review where it is break-glass, which is said at once', async () => {
    const glass = { ...pending, state: 'claimed' as const, breakGlass: true, afterwards: DUE };
    const inbox = buildInbox({ requests: [other], afterwards: [glass] });
    const world = createTestWorld({
      interactive: true,
      backend: {
        readInbox: async () => inbox,
        readDossier: async () => buildDossier({ request: glass }),
      },
    });
    expect(await runProgram(['approve', 'abcdef'], world)).toBe(1);
    expect(world.terminal.told.slice(-2)).toEqual([
      '✖ req_01abcdef is granted by break-glass already',
      '  say whether it was justified with jit review req_01abcdef',
    ]);
    expect(world.terminal.asked).toEqual([]);
    expect(await runProgram(['inbox', 'abcdef'], world)).toBe(0);
    expect(world.terminal.told.join('\n')).toContain('BREAK-GLASS');
  });
});
