import { describe, expect, it } from 'vitest';
import { exec } from '../../src/client/exec.ts';
import { keep } from '../../src/client/held.ts';
import { fail } from '../../src/core/errors.ts';
import type { GrantView } from '../../src/core/view.ts';
import { createTestParts } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildEndedGrant, buildGrantView } from '../support/fakes/fake-backend.ts';

const revoked = buildEndedGrant({ endedBecause: 'revoked', endedBy: 'lead' });

type Scene = {
  readonly answer?: () => Promise<GrantView>;
  readonly exitCode?: number;
  readonly runsMs?: number;
  readonly recordsUse?: boolean;
  readonly signal?: AbortSignal;
};

/** A command that ran with a grant and ended: what was told of the grant then, and what was asked. */
async function runCommand({ answer, exitCode = 2, runsMs = 0, recordsUse = true, signal }: Scene) {
  const parts = createTestParts({
    recordsUse,
    processes: { environment: {}, onStart: () => undefined },
    backend: { readGrant: answer ?? (async () => revoked), reportUse: async () => buildGrantView() },
  });
  const told: GrantView[] = [];
  const running = exec(parts, {
    held: await keep(parts, buildClaimed()),
    command: 'psql',
    args: [],
    signal: signal ?? new AbortController().signal,
    onWarning: () => undefined,
    onEnd: () => undefined,
    onEnded: (grant) => void told.push(grant),
  });
  await expect.poll(() => parts.processes.children.length).toBe(1);
  await parts.clock.advance(runsMs);
  parts.processes.children[0]?.end(exitCode);
  const asked = () => parts.backend.calls.filter((call) => call.startsWith('readGrant')).length;
  return { parts, running, told, asked };
}

describe('a command whose grant was taken meanwhile', () => {
  it('is told of by whom, when it fails and when it ran for long; its exit code stays', async () => {
    for (const scene of [{ exitCode: 2 }, { exitCode: 0, runsMs: 1000 }]) {
      const { running, told, parts } = await runCommand(scene);
      expect(await running).toBe(scene.exitCode);
      expect(told).toEqual([revoked]);
      expect(parts.clock.sleeping).toBe(0);
    }
  });

  it('is told of while the end is not proved yet', async () => {
    const revoking = buildGrantView({ state: 'revoking', endedBecause: 'revoked', endedBy: 'lead' });
    const { running, told } = await runCommand({ answer: async () => revoking });
    await running;
    expect(told).toEqual([revoking]);
  });
});

describe('nothing is told', () => {
  it.each([
    ['of a grant that is live', buildGrantView()],
    ['of one whose time was over: that was said before', buildEndedGrant({ endedBecause: 'expired' })],
  ])('%s', async (_what, grant) => {
    const { running, told } = await runCommand({ answer: async () => grant });
    await running;
    expect(told).toEqual([]);
  });

  it('where the server refuses, or does not answer within a second', async () => {
    const refusing = await runCommand({
      answer: () => Promise.reject(fail('session_expired', { server: 's' })),
    });
    expect(await refusing.running).toBe(2);
    const silent = await runCommand({ answer: () => new Promise(() => undefined) });
    await silent.parts.clock.untilSleeping();
    await silent.parts.clock.advance(1000);
    expect(await silent.running).toBe(2);
    expect([...refusing.told, ...silent.told]).toEqual([]);
  });

  it.each([
    ['of a command that ended well at once', { exitCode: 0 }],
    ['where there is no jit server', { recordsUse: false }],
  ])('nor asked %s', async (_what, scene) => {
    const { running, asked } = await runCommand(scene);
    await running;
    expect(asked()).toBe(0);
  });

  it('nor asked after Ctrl-C', async () => {
    const interrupting = new AbortController();
    const { running, asked } = await runCommand({ exitCode: 130, runsMs: 0, signal: interrupting.signal });
    interrupting.abort();
    await running;
    expect(asked()).toBe(0);
  });
});
