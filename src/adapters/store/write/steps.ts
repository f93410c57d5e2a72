import type { CompiledQuery } from 'kysely';
import type { Engine } from '../engine.ts';
import type { Database } from '../schema.ts';
import { LOST } from './lost.ts';

export type StepResult = {
  /** Rows written. */
  readonly affected: number;
  /** Rows read, and the first value of the first of them. */
  readonly rows: number;
  readonly first: unknown;
};

/**
 * One statement of a transition. No statement depends on what came of another, so an engine may send all of them at once;
 * what came of each says whether somebody else was first, and then nothing of the transition may stay.
 */
export type Step = {
  readonly query: CompiledQuery;
  readonly isLost?: (result: StepResult) => boolean;
  /** A unique index that has such a row already means the same. */
  readonly isLostIfTaken?: true;
};

/** For a statement that must find, or make, exactly one row. */
export const ONE_ROW = { isLost: ({ affected }: StepResult): boolean => affected !== 1 };
/** For one that must find none. */
export const NO_ROW = { isLost: ({ rows }: StepResult): boolean => rows > 0 };

export function requireWon(step: Step, result: StepResult): void {
  if (step.isLost?.(result)) throw LOST;
}

export function toLoss(step: Step, error: unknown, engine: Engine): unknown {
  return step.isLostIfTaken && engine.isTaken(error) ? LOST : error;
}

/** One after the other, and none after the first that is lost. */
export async function runSteps(
  writer: Database,
  { steps, engine }: { readonly steps: readonly Step[]; readonly engine: Engine },
): Promise<void> {
  for (const step of steps) {
    const result = await writer.executeQuery<object>(step.query).catch((error) => {
      throw toLoss(step, error, engine);
    });
    const { numAffectedRows = 0, rows } = result;
    requireWon(step, {
      affected: Number(numAffectedRows),
      rows: rows.length,
      first: Object.values(rows[0] ?? {})[0],
    });
  }
}
