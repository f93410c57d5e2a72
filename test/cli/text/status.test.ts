import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';
import { buildGrantView, buildStatus } from '../../support/fakes/fake-backend.ts';
import { buildPendingView } from '../../support/fakes/fake-reviews.ts';

const more = buildPendingView({ extendsGrantId: 'gr_1' });

describe('jit status', () => {
  it('says that the server was not reached, and only how old it is where nobody wanted it asked', async () => {
    const world = createTestWorld();
    expect(await runProgram(['status'], world)).toBe(0);
    expect(world.terminal.printed).toMatch(/\nas of \d\d:\d\d: the server was not reached\n$/);
    const offline = createTestWorld();
    expect(await runProgram(['status', '--offline'], offline)).toBe(0);
    expect(offline.terminal.printed).toMatch(/\nas of \d\d:\d\d\n$/);
  });

  it('tells more time on a grant from a request of its own', async () => {
    const status = buildStatus({ requests: [more, buildPendingView()] });
    const world = createTestWorld({ backend: { readStatus: async () => status } });
    await runProgram(['status'], world);
    expect(world.terminal.printed).toMatch(/more time, waiting for .*\n.* {2}waiting for /);
  });
});

describe('jit extend', () => {
  it('says that what waits is more time', async () => {
    const world = createTestWorld({
      backend: {
        listHistory: async () => buildStatus({ grants: [buildGrantView()] }),
        readStatus: async () => buildStatus({ grants: [buildGrantView()] }),
        submit: async () => ({ request: more, claimed: null }),
      },
    });
    expect(await runProgram(['extend', '--for', '10m', '--no-wait'], world)).toBe(5);
    expect(world.terminal.told[0]).toContain(`· more time on ${more.target} · prod:db.write ·`);
  });
});
