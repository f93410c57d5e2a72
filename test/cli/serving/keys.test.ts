import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { World } from '../../../src/cli/world.ts';
import type { KeyView } from '../../../src/core/server-keys.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';

const AT = Date.UTC(2026, 10, 22, 12);
const KEY: KeyView = {
  id: 'key_1',
  use: 'signing',
  algorithm: 'ES256',
  state: 'signing',
  madeAt: null,
  signsFrom: 0,
  verifiesUntil: AT,
};
const NEXT: KeyView = {
  ...KEY,
  id: 'key_2',
  state: 'next',
  madeAt: AT,
  signsFrom: AT + 90_000,
  verifiesUntil: null,
};

async function run(...args: readonly string[]) {
  const asked: Parameters<World['rotateServerKeys']>[0][] = [];
  const world = createTestWorld({
    listServerKeys: async () => [KEY, NEXT],
    rotateServerKeys: async (order) => {
      asked.push(order);
      return order.uses.includes('checkpoint')
        ? { made: [NEXT], waiting: [] }
        : { made: [], waiting: [NEXT] };
    },
  });
  const exitCode = await runProgram(['server', 'keys', ...args], world);
  return { exitCode, asked, printed: world.terminal.printed };
}

describe('jit server keys', () => {
  it('lists what signs, since when, and until when it is trusted', async () => {
    const { exitCode, printed } = await run('list', '--config', 'jit.yaml');
    expect(exitCode).toBe(0);
    expect(printed).toMatch(/key_1 +signing +ES256 +signing +the beginning +2026-11-22T12:00:00Z/);
    expect(printed).toMatch(/key_2 +signing +ES256 +next +2026-11-22T12:01:30Z +-/);
  });

  it('says the same as JSON', async () => {
    const { printed } = await run('list', '--json');
    expect(JSON.parse(printed)).toMatchObject({
      keys: [
        { id: 'key_1', made_at: null, signs_from: null, verifies_until: '2026-11-22T12:00:00Z' },
        { id: 'key_2', use: 'signing', state: 'next', signs_from: '2026-11-22T12:01:30Z' },
      ],
    });
  });

  it('rotates all, or those that were named', async () => {
    const all = await run('rotate', '--config', 'jit.yaml');
    expect(all.asked).toEqual([{ config: 'jit.yaml', uses: ['signing', 'cookies', 'checkpoint'] }]);
    expect(all.printed).toContain('signing ES256: key_2 is published, and signs from 2026-11-22T12:01:30Z');
    expect((await run('rotate', 'cookies')).asked).toEqual([{ config: undefined, uses: ['cookies'] }]);
    expect(await run('rotate', 'passwords')).toMatchObject({ exitCode: 2, asked: [] });
  });

  it('says that nothing was made where a key waits already', async () => {
    expect((await run('rotate', 'signing')).printed).toContain('nothing made: key_2 waits already');
    expect(JSON.parse((await run('rotate', 'signing', '--json')).printed)).toMatchObject({
      made: [],
      waiting: [{ id: 'key_2' }],
    });
  });
});
