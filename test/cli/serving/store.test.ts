import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';

const TAKEN_AT = '2026-11-22T09:00:00Z';
const ROWS = { requests: 2, grants: 1, audit_events: 9 };

async function run(...args: readonly string[]) {
  const asked: object[] = [];
  const note = <T>(answer: T) => {
    return async (order: object): Promise<T> => {
      asked.push(order);
      return answer;
    };
  };
  const world = createTestWorld({
    serverStore: {
      backUp: note({ path: 'jit.backup', takenAt: Date.parse(TAKEN_AT), rows: ROWS }),
      restore: note({ store: 'new.db', takenAt: TAKEN_AT, rows: ROWS }),
      confirm: note({ takenAt: TAKEN_AT, differences: { strays: 2, missing: 1, unseen: 0 } }),
      quarantine: note({ store: 'jit', takenAt: TAKEN_AT }),
      migrate: async ({ config }) => ({ store: 'jit.db', applied: config ? ['0001-first'] : [] }),
    },
  });
  const exitCode = await runProgram(['server', ...args], world);
  return { exitCode, asked, printed: world.terminal.printed, told: world.terminal.told.join('\n') };
}

describe('jit server backup', () => {
  it('says what it copied, and that the secret belongs somewhere else', async () => {
    const { exitCode, asked, printed, told } = await run('backup', '--config', 'jit.yaml', 'jit.backup');
    expect({ exitCode, asked }).toEqual({ exitCode: 0, asked: [{ config: 'jit.yaml', file: 'jit.backup' }] });
    expect(printed).toContain(
      'jit.backup: 12 rows, of them 2 requests and 1 grant, as of 2026-11-22T09:00:00Z',
    );
    expect(told).toContain('keep the secret');
  });

  it('says the same as JSON, and needs a file', async () => {
    const { printed } = await run('backup', 'jit.backup', '--json');
    expect(JSON.parse(printed)).toEqual({ file: 'jit.backup', taken_at: TAKEN_AT, rows: ROWS });
    expect(await run('backup')).toMatchObject({ exitCode: 2, asked: [] });
  });
});

describe('jit server restore', () => {
  it('says what waits for whoever restored', async () => {
    const { asked, printed, told } = await run('restore', '--config', 'jit.yaml', 'jit.backup');
    expect(asked).toEqual([{ config: 'jit.yaml', file: 'jit.backup' }]);
    expect(printed).toContain('new.db: 12 rows');
    expect(told).toContain('jit server reconcile --dry-run');
    expect(told).toContain('jit server restore --confirm');
    expect(JSON.parse((await run('restore', 'jit.backup', '--json')).printed)).toMatchObject({
      quarantine: true,
    });
  });

  it('puts a store in quarantine that was brought back by other means, and takes one thing at a time', async () => {
    const { asked, printed, told } = await run('restore', '--config', 'jit.yaml', '--quarantine');
    expect(asked).toEqual([{ config: 'jit.yaml' }]);
    expect(printed).toContain('jit: the last that it remembers is of 2026-11-22T09:00:00Z');
    expect(told).toContain('jit server restore --confirm');
    expect(JSON.parse((await run('restore', '--quarantine', '--json')).printed)).toEqual({
      store: 'jit',
      taken_at: TAKEN_AT,
      quarantine: true,
    });
    for (const args of [['--quarantine', '--confirm'], ['--quarantine', 'jit.backup'], []])
      expect(await run('restore', ...args)).toMatchObject({ exitCode: 2, asked: [] });
  });

  it('confirms where it is told to, and shows what that means', async () => {
    const { asked, printed } = await run('restore', '--config', 'jit.yaml', '--confirm');
    expect(asked).toEqual([{ config: 'jit.yaml' }]);
    expect(printed).toContain('2 live that nobody holds: removed by the server from now on');
    expect(printed).toContain('1 held that are not at their target');
    expect(JSON.parse((await run('restore', '--confirm', '--json')).printed)).toEqual({
      taken_at: TAKEN_AT,
      strays: 2,
      missing: 1,
      unseen: 0,
    });
  });

  it('does one of the two', async () => {
    expect(await run('restore')).toMatchObject({ exitCode: 2, asked: [] });
    expect(await run('restore', 'jit.backup', '--confirm')).toMatchObject({ exitCode: 2, asked: [] });
  });
});

it('jit server migrate says what it applied, or that nothing was to do', async () => {
  expect((await run('migrate', '--config', 'jit.yaml')).printed).toContain('jit.db: applied\n  0001-first');
  expect((await run('migrate')).printed).toContain('jit.db: nothing to do');
  expect(JSON.parse((await run('migrate', '--json')).printed)).toEqual({ store: 'jit.db', applied: [] });
});
