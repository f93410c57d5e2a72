import { fail, JitError } from '../core/errors.ts';
import type { Settings } from './api.ts';
import { describeTrouble, explainTrouble, readMessage } from './trouble.ts';

export type Opening<T> = {
  /** For the error. */
  readonly plugin: string;
  readonly settings: Settings;
  readonly open: () => T;
};

/** What a plugin's `open` gives. What it throws that is no error of jit's is `plugin_unusable`: it is code of somebody else's. */
export function openOrRefuse<T>({ open, ...opening }: Opening<T>): T {
  try {
    return open();
  } catch (error) {
    throw refuse(error, opening);
  }
}

/** The same of one that takes its time. */
export async function openLaterOrRefuse<T>({ open, ...opening }: Opening<T>): Promise<Awaited<T>> {
  try {
    return await open();
  } catch (error) {
    throw refuse(error, opening);
  }
}

function refuse(error: unknown, { plugin, settings }: Pick<Opening<unknown>, 'plugin' | 'settings'>): Error {
  if (error instanceof JitError) return error;
  const why = `opening it failed: ${explainTrouble(readMessage(error), settings)}`;
  return fail('plugin_unusable', { plugin, why }, describeTrouble(error, settings));
}
