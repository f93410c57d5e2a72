import { describe, expect, it } from 'vitest';
import { chooseHeld } from '../../src/cli/choose.ts';
import type { HeldGrant } from '../../src/core/ports/local-state.ts';
import { createTestWorld } from '../support/fakes/cli-world.ts';
import { buildGrantView } from '../support/fakes/fake-backend.ts';

const WRITE = hold({ target: 'orders', scopes: ['prod:db.write'] });
const READ = hold({ target: 'orders', scopes: ['prod:db.read'] });
const OTHER = hold({ target: 'billing', scopes: ['prod:db.read'] });

function hold(view: Parameters<typeof buildGrantView>[0]): HeldGrant {
  return { server: 'https://jit.example.com', account: 'a grant', view: buildGrantView(view) };
}

type Choosing = { readonly scope?: string; readonly target?: string; readonly held?: readonly HeldGrant[] };

function choose(fitting: readonly HeldGrant[], { scope, target, held = [] }: Choosing = {}) {
  return chooseHeld(createTestWorld(), { fitting, wanted: { scope, target }, listHeld: async () => held });
}

describe('where no grant fits', () => {
  it.each([
    [{}, 'you hold no live grant', 'jit request asks for one'],
    [
      { scope: 'prod:db.read', held: [WRITE] },
      'no live grant for prod:db.read; you hold orders · prod:db.write',
      'jit request prod:db.read',
    ],
    [
      { scope: 'prod:db.read', target: 'billing' },
      'no live grant for prod:db.read on billing; you hold none',
      'jit request prod:db.read --on billing',
    ],
  ])('says what was wanted, what is held and what to type: %j', async (wanted, message, hint) => {
    await expect(choose([], wanted)).rejects.toMatchObject({ code: 'no_grant', exitCode: 6, message, hint });
  });
});

describe('where several fit', () => {
  it.each([
    [[WRITE, READ], 'choose one with --scope prod:db.write|prod:db.read'],
    [[READ, OTHER], 'choose one with --on orders|billing'],
    [[WRITE, READ, OTHER], 'choose one with --scope and --on'],
  ])('names the flag that tells them apart', async (fitting, hint) => {
    await expect(choose(fitting)).rejects.toMatchObject({ code: 'ambiguous', hint });
  });

  it('offers them in the order of their names', async () => {
    const world = createTestWorld({ interactive: true, answers: [0] });
    const choice = { fitting: [WRITE, READ], wanted: { scope: undefined, target: undefined } };
    expect(await chooseHeld(world, { ...choice, listHeld: async () => [] })).toBe(READ);
  });
});
