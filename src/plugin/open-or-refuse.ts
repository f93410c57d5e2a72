import { fail, JitError } from '../core/errors.ts';
import { removeHidden } from '../core/text.ts';

const LONGEST_WHY = 200;

/** What a plugin's `open` gives. What it throws that is no error of jit's is `plugin_unusable`: it is code of somebody else's. */
export function openOrRefuse(plugin: string, open: () => unknown): unknown {
  try {
    return open();
  } catch (error) {
    if (error instanceof JitError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw fail(
      'plugin_unusable',
      { plugin, why: `opening it failed: ${removeHidden(why).slice(0, LONGEST_WHY)}` },
      error,
    );
  }
}
