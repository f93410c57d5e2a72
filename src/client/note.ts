import { JitError } from '../core/errors.ts';
import type { LocalState } from '../core/ports/local-state.ts';
import type { ClientParts } from './parts.ts';

/**
 * Notes what the server said, for completion and for later. A disk that is full keeps nobody from reading the answer:
 * what was noted before stays then.
 */
export async function note(
  parts: Pick<ClientParts, 'state'>,
  change: (state: LocalState) => LocalState,
): Promise<void> {
  try {
    await parts.state.update(change);
  } catch (error) {
    if (!(error instanceof JitError)) throw error;
  }
}
