import type { Engineer } from '../client/engineer.ts';
import { fail } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import type { StatusView } from '../core/view.ts';
import { describeAccess, describeEnd, describeGrant } from './text/output.ts';
import type { World } from './world.ts';

type Choice = { readonly id: string; readonly about: string; readonly detail: string };

/** The only open request, or the one that is picked; `ambiguous` names them where nobody can pick. */
export async function chooseOpen(world: World, engineer: Engineer): Promise<string> {
  return choose(world, listOpen(await engineer.readStatus()));
}

/** As `chooseOpen`; where none is open, one whose grant is live and not on this machine: its answer was lost. */
export async function chooseWaitable(world: World, engineer: Engineer): Promise<string> {
  const status = await engineer.readStatus();
  const open = listOpen(status);
  return choose(world, open.length > 0 ? open : listUndelivered(status, await engineer.listHeld()));
}

function listOpen({ requests }: StatusView): readonly Choice[] {
  const open = requests.filter(({ state }) => state === 'pending' || state === 'approved');
  return open.map((request) => ({
    id: request.id,
    about: describeAccess(request),
    detail: request.reason,
  }));
}

function listUndelivered({ grants }: StatusView, held: readonly HeldGrant[]): readonly Choice[] {
  const here = new Set(held.map(({ view }) => view.id));
  return grants
    .filter((grant) => grant.state === 'active' && !here.has(grant.id))
    .map((grant) => ({
      id: grant.requestId,
      about: describeGrant(grant),
      detail: 'granted, not held here',
    }));
}

async function choose(world: World, choices: readonly Choice[]): Promise<string> {
  const [only] = choices;
  if (!only) throw fail('no_grant', { why: 'no request of yours is open' });
  if (choices.length === 1) return only.id;
  if (!world.terminal.interactive) {
    const ids = choices.map((choice) => choice.id);
    throw fail('ambiguous', { what: 'open request', choices: ids, flag: 'its id' });
  }
  return world.terminal.select({
    message: 'Which request',
    choices: choices.map(({ id, about, detail }) => ({
      name: `${about} · ${id}`,
      value: id,
      description: detail,
    })),
  });
}

/** The only grant held here that fits, or the one that is picked. */
export async function chooseHeld(world: World, fitting: readonly HeldGrant[]): Promise<HeldGrant> {
  const [only] = fitting;
  if (!only) throw fail('no_grant', { why: 'no live grant fits' });
  if (fitting.length === 1) return only;
  if (!world.terminal.interactive) {
    const choices = fitting.map(({ view }) => describeGrant(view));
    throw fail('ambiguous', { what: 'live grant', choices, flag: '--scope or --on' });
  }
  return world.terminal.select({
    message: 'Which grant',
    choices: fitting.map((held) => ({
      name: describeGrant(held.view),
      value: held,
      description: describeEnd(world, held.view.expiresAt),
    })),
  });
}
