import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';
import { buildRequestView } from '../../support/fakes/fake-backend.ts';
import { buildDossier, buildInbox, buildPendingView } from '../../support/fakes/fake-reviews.ts';
import { CTRL_C } from '../../support/fakes/test-terminal.ts';

const pending = buildPendingView();

describe('jit deny and jit review', () => {
  it('ask for the reason on a terminal, after what it is about', async () => {
    const reasons: string[] = [];
    const world = createTestWorld({
      interactive: true,
      answers: ['  ', 'not today'],
      backend: {
        readDossier: async () => buildDossier({ request: pending }),
        deny: async (_id, reason) => {
          reasons.push(reason);
          return { ...pending, state: 'denied' };
        },
      },
    });
    expect(await runProgram(['deny', 'req_1'], world)).toBe(0);
    expect(reasons).toEqual(['not today']);
    expect(world.terminal.told.at(-1)).toBe('✔ denied · orders · prod:db.write · dev is told why');
  });

  it('say of break-glass whether it was right', async () => {
    const reviews: object[] = [];
    const glass = buildRequestView({ id: 'req_01glass1', breakGlass: true });
    const backend: Partial<ApprovalBackend> = {
      readInbox: async () => buildInbox({ afterwards: [glass] }),
      readDossier: async () => buildDossier({ request: glass }),
      reviewAfterwards: async (_id, review) => {
        reviews.push(review);
        return glass;
      },
    };
    const piped = createTestWorld({ backend });
    expect(await runProgram(['review', 'glass1', '--object', '--reason', 'no emergency'], piped)).toBe(0);
    expect(piped.terminal.told.at(-1)).toBe('✖ objected · break-glass by dev · orders · prod:db.read');
    expect(await runProgram(['review', 'glass1', '--reason', 'fine'], piped)).toBe(2);
    expect(await runProgram(['review', 'glass1', '--accept', '--object', '--reason', 'x'], piped)).toBe(2);
    const typed = createTestWorld({ backend, interactive: true, answers: [0, 'accept', 'one update'] });
    expect(await runProgram(['review'], typed)).toBe(0);
    expect(reviews).toEqual([
      { outcome: 'objected', reason: 'no emergency' },
      { outcome: 'accepted', reason: 'one update' },
    ]);
  });

  it('leave everything as it is on Ctrl-C', async () => {
    const world = createTestWorld({
      interactive: true,
      answers: [CTRL_C],
      backend: { readDossier: async () => buildDossier({ request: pending }) },
    });
    expect(await runProgram(['deny', 'req_1'], world)).toBe(130);
    expect(world.parts.backend.calls).not.toContain('deny req_1');
  });
});
