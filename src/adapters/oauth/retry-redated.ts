import { judgeError } from './judge-error.ts';

/** Once more where the proof was refused: the refusal told the server's time, and the next proof is dated by it. */
export async function retryRedated<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const trouble = judgeError(error);
    if (trouble.kind !== 'refused' || trouble.error !== 'invalid_dpop_proof') throw error;
    return ask();
  }
}
