import type { Engineer } from '../client/engineer.ts';
import { fail } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import { describeAccess, describeEnd } from './output.ts';
import type { World } from './world.ts';

/** The only open request, or the one that is picked; `ambiguous` names them where nobody can pick. */
export async function chooseRequest(world: World, engineer: Engineer): Promise<string> {
  const { requests } = await engineer.readStatus();
  const [only] = requests;
  if (!only) throw fail('no_grant', { why: 'no request of yours is open' });
  if (requests.length === 1) return only.id;
  if (!world.terminal.interactive) {
    const choices = requests.map((request) => request.id);
    throw fail('ambiguous', { what: 'open request', choices, flag: 'its id' });
  }
  return world.terminal.select({
    message: 'Which request',
    choices: requests.map((request) => ({
      name: `${request.id} · ${describeAccess(request)}`,
      value: request.id,
      description: request.reason,
    })),
  });
}

/** The only grant held here that fits, or the one that is picked. */
export async function chooseHeld(world: World, fitting: readonly HeldGrant[]): Promise<HeldGrant> {
  const [only] = fitting;
  if (!only) throw fail('no_grant', { why: 'no live grant fits' });
  if (fitting.length === 1) return only;
  if (!world.terminal.interactive) {
    const choices = fitting.map(({ view }) => describeAccess(view));
    throw fail('ambiguous', { what: 'live grant', choices, flag: '--scope or --on' });
  }
  return world.terminal.select({
    message: 'Which grant',
    choices: fitting.map((held) => ({
      name: describeAccess(held.view),
      value: held,
      description: describeEnd(world, held.view.expiresAt),
    })),
  });
}
