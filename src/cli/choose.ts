import type { Engineer } from '../client/engineer.ts';
import type { Wanted } from '../client/exec.ts';
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

export type HeldChoice = {
  readonly fitting: readonly HeldGrant[];
  readonly wanted: Wanted;
  /** Where none fits, what is held instead is said. */
  readonly listHeld: () => Promise<readonly HeldGrant[]>;
};

/** The only grant held here that fits, or the one that is picked. */
export async function chooseHeld(
  world: World,
  { fitting, wanted, listHeld }: HeldChoice,
): Promise<HeldGrant> {
  const [only] = fitting;
  if (!only) throw explainNone(wanted, await listHeld());
  if (fitting.length === 1) return only;
  if (!world.terminal.interactive) {
    const choices = fitting.map(({ view }) => describeGrant(view));
    throw fail('ambiguous', { what: 'live grant', choices, flag: nameDifference(fitting) });
  }
  // In the order of their names, so that reading comes before writing.
  const sorted = fitting.toSorted((a, b) => (describeGrant(a.view) < describeGrant(b.view) ? -1 : 1));
  return world.terminal.select({
    message: 'Which grant',
    choices: sorted.map((held) => ({
      name: describeGrant(held.view),
      value: held,
      description: describeEnd(world, held.view.expiresAt),
    })),
  });
}

function explainNone({ scope, target }: Wanted, held: readonly HeldGrant[]): Error {
  const what = `${scope === undefined ? '' : ` for ${scope}`}${target === undefined ? '' : ` on ${target}`}`;
  if (what === '') return fail('no_grant', { why: 'you hold no live grant' });
  const other = held.map(({ view }) => describeGrant(view)).join(', ');
  const next = ['jit request', scope ?? '', target === undefined ? '' : `--on ${target}`];
  return fail('no_grant', {
    why: `no live grant${what}; ${other === '' ? 'you hold none' : `you hold ${other}`}`,
    next: next.filter((word) => word !== '').join(' '),
  });
}

/** The flag that tells them apart, with what it may say. */
function nameDifference(fitting: readonly HeldGrant[]): string {
  const targets = new Set(fitting.map(({ view }) => view.target));
  if (targets.size === fitting.length) return `--on ${[...targets].join('|')}`;
  if (targets.size > 1) return '--scope and --on';
  const scopes = fitting.flatMap(({ view }) => view.scopes);
  const own = scopes.filter((scope) => scopes.indexOf(scope) === scopes.lastIndexOf(scope));
  return `--scope ${own.join('|')}`.trimEnd();
}
