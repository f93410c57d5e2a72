import { fail, JitError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Settings } from './api.ts';
import { createCalls } from './calls.ts';
import { describeTrouble, explainTrouble, readMessage } from './trouble.ts';

const LONGEST_OPEN_MS = 10 * SECOND_MS;

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

/** What a plugin's `open` resolves to. `plugin_unusable` where it fails or takes too long. */
export async function openLaterOrRefuse(
  { open, ...opening }: Opening<unknown>,
  clock: Clock,
): Promise<unknown> {
  const { runFor } = createCalls({
    clock,
    settings: opening.settings,
    refuse: (why) => fail('plugin_unusable', { plugin: opening.plugin, why: `opening it failed: ${why}` }),
    judge: (error) => refuse(error, opening),
  });
  return runFor({ limitMs: LONGEST_OPEN_MS }, async () => open());
}

function refuse(
  error: unknown,
  { plugin, settings }: Pick<Opening<unknown>, 'plugin' | 'settings'>,
): JitError {
  if (error instanceof JitError) return error;
  const why = `opening it failed: ${explainTrouble(readMessage(error), settings)}`;
  return fail('plugin_unusable', { plugin, why }, describeTrouble(error, settings));
}
