import { hasCode } from '../../core/errors.ts';
import type { Asked } from '../../core/request.ts';
import type { World } from '../world.ts';

/** What was asked in the end, and what came of it. */
export type Answered<T> = { readonly asked: Asked; readonly result: T };

/** Does something with what was asked; where its reason is refused and somebody is there, a better one is asked for. */
export async function withReason<T>(
  world: World,
  asked: Asked,
  action: (asked: Asked) => Promise<T>,
): Promise<Answered<T>> {
  try {
    return { asked, result: await action(asked) };
  } catch (error) {
    if (!world.terminal.interactive || !hasCode(error, 'bad_reason')) throw error;
    world.terminal.tell(`${world.terminal.paint.warn('!')} ${error.message}`);
    const reason = await world.terminal.input({ message: 'Reason', initial: asked.reason });
    return withReason(world, { ...asked, reason }, action);
  }
}
