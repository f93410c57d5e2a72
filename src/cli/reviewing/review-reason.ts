import { fail } from '../../core/errors.ts';
import type { World } from '../world.ts';

/** What a reviewer says: asked for where somebody can answer, else the flag is named. */
export async function askReviewReason(world: World, question: string): Promise<string> {
  if (!world.terminal.interactive)
    throw fail('missing_answer', { what: 'the reason', flag: '--reason "why"' });
  return world.terminal.input({
    message: question,
    complain: (text) => (text.trim() === '' ? 'a word or two, please: somebody else reads it' : undefined),
  });
}
