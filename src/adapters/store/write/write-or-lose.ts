import type { Access } from '../access.ts';
import { LOST } from './lost.ts';
import type { Step } from './steps.ts';

/** Writes all of them, or nothing and false where somebody else was first. */
export async function isWritten(
  access: Pick<Access, 'writeSteps'>,
  steps: readonly Step[],
): Promise<boolean> {
  try {
    await access.writeSteps(steps);
    return true;
  } catch (error) {
    if (error === LOST) return false;
    throw error;
  }
}
