import { fail } from '../core/errors.ts';
import { showGivenBack } from './give-back-text.ts';
import type { CommonOptions } from './options.ts';
import { printJson } from './output.ts';
import { withLogin } from './with-login.ts';
import type { World } from './world.ts';

export type GiveBackFlags = CommonOptions & {
  readonly ids: readonly string[];
  readonly because: 'done' | 'revoked';
};

/** What `done` and `revoke` share: named grants or all of mine, then proof. */
export async function giveBackNamed(world: World, flags: GiveBackFlags): Promise<number> {
  const engineer = await world.connect(flags);
  const grantIds =
    flags.ids.length > 0 ? flags.ids : await withLogin(world, engineer, () => listIds(engineer));
  if (grantIds.length === 0) return showNothing(world, flags);
  const spinner = world.terminal.startSpinner(
    `giving back ${grantIds.length === 1 ? 'the grant' : `${grantIds.length} grants`}`,
  );
  try {
    const order = { grantIds, because: flags.because };
    const given = await withLogin(world, engineer, () => engineer.giveBack(order));
    spinner.stop();
    showGivenBack(world, given, { json: flags.json ?? false });
    return given.every(({ grant }) => grant.revocation.confirmed) ? 0 : 7;
  } finally {
    spinner.stop();
  }
}

async function listIds(engineer: Awaited<ReturnType<World['connect']>>): Promise<readonly string[]> {
  return (await engineer.listMine()).map((grant) => grant.id);
}

function showNothing(world: World, flags: GiveBackFlags): number {
  if (flags.json) {
    printJson(world, { grants: [] });
    return 6;
  }
  throw fail('no_grant', { why: 'you hold no live grant' });
}
