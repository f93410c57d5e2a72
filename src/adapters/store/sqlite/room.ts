import type { Room } from '../../../core/ports/room.ts';
import type { Reserve } from './reserve.ts';

/** `Room`, for the writer: it is what notices that the disk is full. */
export type KeptRoom = Room & {
  /** The disk is full. True where some room was made, so that it is worth trying once more. */
  readonly make: () => Promise<boolean>;
  /** The database is closed, and its log is gone: on a full disk somebody else would have that room at the next start. */
  readonly leave: () => Promise<void>;
};

/** For a store that has no disk of its own. */
export const ENDLESS_ROOM: KeptRoom = {
  isShort: () => false,
  watch: () => () => {},
  look: async () => {},
  make: async () => false,
  leave: async () => {},
};

/** Nothing new is written unless the reserve is there, or could be: a server that starts on a full disk knows it. */
export async function openRoom(parts: {
  readonly reserve: Reserve;
  /** Takes what was given up before somebody else does. */
  readonly claim: () => void;
  /** Makes do with the room that the files have. False where that brings none. */
  readonly fold: () => boolean;
}): Promise<KeptRoom> {
  const { reserve, claim, fold } = parts;
  const listeners = new Set<(isShort: boolean) => void>();
  let isShort = !(await reserve.isLaid()) && !(await reserve.fits());
  const giveUp = async (): Promise<boolean> => {
    const isGiven = await reserve.giveUp().catch(() => false);
    if (isGiven) claim();
    return isGiven;
  };
  // What a start needed of it was given up already, and what is left of it goes the same way.
  if (isShort && !(await giveUp())) claim();
  const become = (next: boolean): void => {
    if (next === isShort) return;
    isShort = next;
    for (const listener of listeners) listener(next);
  };
  // One at a time: what is being set aside must be whole before it is given up.
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const running = before.then(action);
    before = running.catch(() => undefined);
    return running;
  };
  return {
    isShort: () => isShort,
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    look: () => inTurn(async () => become(!((await reserve.isLaid()) || (await reserve.lay())))),
    make: () =>
      inTurn(async () => {
        become(true);
        return (await giveUp()) || fold();
      }),
    leave: () => inTurn(async () => (isShort ? await reserve.keepSome() : undefined)),
  };
}
