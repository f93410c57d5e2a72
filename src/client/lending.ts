import { fail } from '../core/errors.ts';
import type { HeldGrant, LocalState } from '../core/ports/local-state.ts';
import { isOf } from './held.ts';
import { note } from './note.ts';
import type { ClientParts } from './parts.ts';

/** So many commands at one time are told apart; of more than that, the others are not waited for. */
const MOST_USERS = 32;

type Parts = Pick<ClientParts, 'lock' | 'state'>;

/** A command that runs with a grant. */
export type Use = {
  /**
   * Calls `giveBack` for the last one here of a grant that a command asked for, and says whether it did. Whoever wants to
   * begin meanwhile waits for it: what could not be given back is theirs.
   */
  end(giveBack: () => Promise<void>): Promise<boolean>;
};

export type UseOrder = {
  readonly held: HeldGrant;
  /** This command asked for it and nobody before: it is to go with the last command that uses it here. */
  readonly isLent: boolean;
};

/**
 * Notes that a command uses a grant, before it starts: another one that ends meanwhile leaves the grant to it. Throws
 * `no_grant` where the last one has just given it back.
 */
export function beginUse(parts: Parts, order: UseOrder): Promise<Use> {
  return inTurn(parts, order.held, () => begin(parts, order));
}

async function begin(parts: Parts, { held, isLent }: UseOrder): Promise<Use> {
  if (isLent) await note(parts, (state) => withMark(state, held, true));
  const known = await findKnown(parts, held);
  if (!known) throw describeGone(held);
  const isMarked = isLent && known.isLent === true;
  const leave = await takeSeat(parts, held);
  const end = async (giveBack: () => Promise<void>): Promise<boolean> => {
    await leave();
    const isToGo = await isToBeGiven(parts, held, { isLent, isMarked });
    if (!isToGo || (await isUsed(parts, held))) return false;
    await giveBack();
    return true;
  };
  return { end: (giveBack) => inTurn(parts, held, () => end(giveBack)) };
}

/** Whoever looks whether others use it, and whoever begins to, do so one after the other. */
function inTurn<T>({ lock }: Parts, held: HeldGrant, action: () => Promise<T>): Promise<T> {
  return lock.run(`last use of ${describe(held)}`, action);
}

type Asked = { readonly isLent: boolean; readonly isMarked: boolean };

async function isToBeGiven(parts: Parts, held: HeldGrant, { isLent, isMarked }: Asked): Promise<boolean> {
  const known = await findKnown(parts, held);
  // Marked, and not any more: its holder asked for it to stay.
  return known?.isLent ?? (isLent && !(known && isMarked));
}

/**
 * From now on it goes when its holder gives it back, and not with a command. Throws `no_grant` where the last command has just
 * given it back.
 */
export function keepForGood(parts: Parts, held: HeldGrant): Promise<void> {
  return inTurn(parts, held, async () => {
    if (!(await findKnown(parts, held))) throw describeGone(held);
    await note(parts, (state) => withMark(state, held, false));
  });
}

function describeGone({ view }: HeldGrant): Error {
  return fail('no_grant', { why: `the command that used ${view.id} last gave it back` });
}

/** Resolves with what leaves it again. A process that dies leaves its seat too: that is what a lock sees to. */
async function takeSeat({ lock }: Parts, held: HeldGrant): Promise<() => Promise<void>> {
  for (const seat of listSeats(held)) {
    const sitting = Promise.withResolvers<boolean>();
    const leaving = Promise.withResolvers<void>();
    const run = lock.tryRun(seat, async () => {
      sitting.resolve(true);
      await leaving.promise;
    });
    if (await Promise.race([sitting.promise, run]))
      return async () => {
        leaving.resolve();
        await run;
      };
  }
  return async () => undefined;
}

async function isUsed({ lock }: Parts, held: HeldGrant): Promise<boolean> {
  for (const seat of listSeats(held)) if (!(await lock.tryRun(seat, async () => undefined))) return true;
  return false;
}

function listSeats(held: HeldGrant): readonly string[] {
  return Array.from({ length: MOST_USERS }, (_, index) => `use ${index} of ${describe(held)}`);
}

function describe({ server, view }: HeldGrant): string {
  return `${view.id} at ${new URL(server).host}`;
}

async function findKnown({ state }: Parts, held: HeldGrant): Promise<HeldGrant | undefined> {
  const { grants } = await state.read();
  return grants.find((known) => isOf(known, { server: held.server, id: held.view.id }));
}

function withMark(state: LocalState, held: HeldGrant, isLent: boolean): LocalState {
  const grant = { server: held.server, id: held.view.id };
  const mark = ({ isLent: _, ...known }: HeldGrant): HeldGrant => (isLent ? { ...known, isLent } : known);
  return { ...state, grants: state.grants.map((known) => (isOf(known, grant) ? mark(known) : known)) };
}
