import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { Submission } from '../../src/core/ports/backend.ts';
import type { ScopeView } from '../../src/core/view.ts';
import { createTestWorld, type TestWorldOptions } from '../support/cli-world.ts';
import { buildClaimed, buildEndedGrant, buildRequestView } from '../support/fake-backend.ts';

const scope: ScopeView = {
  name: 'prod:db.read',
  description: 'Read production data',
  sensitivity: 'medium',
  defaultSeconds: 1_800,
  maxSeconds: 14_400,
  targets: [{ name: 'orders', kind: 'postgres', outcome: 'automatic', canApprove: [] }],
  minimumReasonLength: 10,
  needsTicket: true,
};
const EXEC = [
  'exec',
  '--scope',
  'prod:db.read',
  '--on',
  'orders',
  '--for',
  '5m',
  '--reason',
  'a slow checkout',
];

/** A server that wants a ticket, and grants at once. */
function createScene(options: Pick<TestWorldOptions, 'keychain'> & { readonly joined?: boolean } = {}) {
  const asked: Submission[] = [];
  const world = createTestWorld({
    interactive: false,
    ...(options.keychain ? { keychain: options.keychain } : {}),
    processes: { onStart: (child) => child.end(0) },
    backend: {
      listScopes: async () => [scope],
      submit: async (submission) => {
        asked.push(submission);
        return { request: buildRequestView(), claimed: buildClaimed(), joined: options.joined ?? false };
      },
      revoke: async () => buildEndedGrant(),
    },
  });
  return { world, asked };
}

describe('jit exec --for', () => {
  it('names the ticket where policy wants one', async () => {
    const { world, asked } = createScene();
    expect(await runProgram([...EXEC, '--', 'true'], world)).toBe(125);
    expect(world.terminal.told.join(' ')).toContain('--ticket INC-4211');
    expect(await runProgram([...EXEC, '--ticket', 'INC-4211', '--', 'true'], world)).toBe(0);
    expect(asked).toMatchObject([{ ticket: 'INC-4211' }]);
  });
});
