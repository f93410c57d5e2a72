import type { Engineer } from '../../client/engineer.ts';
import { fail } from '../../core/errors.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import type { CommonOptions } from '../options.ts';
import { printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';
import { requireConfirmed, tellGivenBack } from './give-back-text.ts';
import { tellOthers } from './others-text.ts';

export type GiveBackFlags = CommonOptions & {
  readonly ids: readonly string[];
  /** With no ids: of mine, only those on this target. */
  readonly target?: string | undefined;
  readonly because: 'done' | 'revoked';
};

/** What `done` and `revoke` share: named grants or all of mine, then proof. */
export async function giveBackNamed(world: World, flags: GiveBackFlags): Promise<number> {
  const engineer = await world.connect(flags);
  const grantIds =
    flags.ids.length > 0
      ? [...new Set(flags.ids)]
      : await withLogin(world, engineer, () => listIds(engineer, flags.target));
  if (flags.ids.length === 0) tellOthers(world, await engineer.listOthers());
  if (grantIds.length === 0) throw fail('no_grant', { why: 'you hold no live grant' });
  const { given, failures } = await giveBackAll(world, engineer, { grantIds, because: flags.because });
  const [failure] = failures;
  if (flags.json && failure === undefined)
    printJson(world, { grants: given.map(({ grant }) => encodeGrant(grant)) });
  tellGivenBack(world, { server: engineer.server, state: await world.state.read(), given });
  if (failure !== undefined) throw failure;
  if (!flags.json) requireConfirmed(given);
  return given.every(({ grant }) => grant.revocation.confirmed) ? 0 : 7;
}

type Order = Pick<GiveBackFlags, 'because'> & { readonly grantIds: readonly string[] };

async function giveBackAll(world: World, engineer: Engineer, order: Order): ReturnType<Engineer['giveBack']> {
  const count = order.grantIds.length;
  const what = count === 1 ? 'the grant' : `${count} grants`;
  return withLogin(world, engineer, async () => {
    const spinner = world.terminal.startSpinner(`giving back ${what}`);
    try {
      return await engineer.giveBack(order);
    } finally {
      spinner.stop();
    }
  });
}

async function listIds(engineer: Engineer, target: string | undefined): Promise<readonly string[]> {
  const mine = await engineer.listMine();
  return mine.filter((grant) => target === undefined || grant.target === target).map((grant) => grant.id);
}
