import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { keep } from '../../../src/client/held.ts';
import { fail } from '../../../src/core/errors.ts';
import type { PersonView } from '../../../src/core/view.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import { NOW } from '../../support/fakes/client-parts.ts';
import {
  buildClaimed,
  buildEndedGrant,
  buildGrantView,
  buildStatus,
} from '../../support/fakes/fake-backend.ts';

const eva: PersonView = {
  subject: 'dev:eva',
  name: 'eva',
  kind: 'person',
  groups: [],
  login: { method: 'device', at: 0 },
};
const own = buildGrantView({ id: 'gr_2', heldBy: 'eva' });

type Machine = {
  readonly world: TestWorld;
  readonly atLogin: string;
  /** What was said since. */
  readonly read: () => string;
};

/** A machine on which dev claimed gr_1, and where eva has logged in since. */
async function openMachine(): Promise<Machine> {
  const world = createTestWorld({
    interactive: false,
    backend: {
      readPerson: async () => eva,
      listScopes: async () => [],
      readStatus: async () => buildStatus({ asOf: NOW + 1, grants: [own] }),
      revoke: async (id) => {
        if (id === 'gr_1') throw fail('not_found', { what: `grant ${id}` });
        return buildEndedGrant({ id, heldBy: 'eva' });
      },
    },
  });
  await keep(world.parts, buildClaimed());
  expect(await runProgram(['login', '--no-open'], world)).toBe(0);
  const { told } = world.terminal;
  const atLogin = told.join('\n');
  const count = told.length;
  return { world, atLogin, read: () => told.slice(count).join('\n') };
}

describe("what another person's login left on this machine", () => {
  it('is named when somebody else logs in', async () => {
    const { atLogin } = await openMachine();
    expect(atLogin).toMatch(
      /! orders · prod:db\.read is held here by dev: it is live until \d\d:\d\d \(30 min\); as dev, jit done gr_1 gives it back/,
    );
  });

  it('is not forgotten by jit done, which cannot give it back', async () => {
    const { world, read } = await openMachine();
    expect(await runProgram(['done'], world)).toBe(0);
    expect(read()).toContain('orders · prod:db.read is held here by dev');
    expect(Object.keys(world.parts.secrets())).toHaveLength(1);
  });

  it('is named by jit done also where there is nothing else', async () => {
    const { world, read } = await openMachine();
    const connect = async () => ({ ...(await world.connect({})), listMine: async () => [] });
    expect(await runProgram(['done'], { ...world, connect })).toBe(6);
    expect(read()).toContain('orders · prod:db.read is held here by dev');
  });

  it('is said by jit status, which removes it', async () => {
    const { world, read } = await openMachine();
    await runProgram(['status'], world);
    expect(read()).toContain(
      '! orders · prod:db.read of dev was removed from this machine: it is live until',
    );
    expect(world.parts.secrets()).toEqual({});
  });

  it('keeps jit logout from saying that all is done (7), and is removed', async () => {
    const { world, read } = await openMachine();
    expect(await runProgram(['logout'], world)).toBe(7);
    expect(read()).toMatch(
      /could not be given back: it is live until .*; as dev, jit done gr_1 gives it back/,
    );
    expect(world.parts.secrets()).toEqual({});
  });
});
