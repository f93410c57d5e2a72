import type { Engine } from './engine.ts';

/** Thrown inside the transaction to undo all of it; never seen outside. */
export const LOST = new Error('lost');

/** Somebody else was first, where the statement found no row of the state that it expected. */
export function requireOne(rows: bigint | undefined): void {
  if (rows !== 1n) throw LOST;
}

/** Somebody else was first, where a unique index says so. */
export async function loseIfTaken<T>(engine: Engine, statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    throw engine.isTaken(error) ? LOST : error;
  }
}
