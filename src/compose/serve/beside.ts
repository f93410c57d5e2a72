import { giveOrder } from '../../adapters/control/ask.ts';
import type { ServerConfig } from '../../core/config.ts';
import { type ControlAnswers, type ControlOrder, findControlPath } from '../../core/control.ts';
import { hasCode } from '../../core/errors.ts';

/**
 * Does it here, or, where a server has the store in a file open, has that server do it. `store_in_use` where it cannot be
 * asked: one of another user, or in a place where there can be no socket.
 */
export async function doOrOrder<O extends ControlOrder>(
  { store }: Pick<ServerConfig, 'store'>,
  order: O,
  action: () => Promise<ControlAnswers[O['do']]>,
): Promise<ControlAnswers[O['do']]> {
  try {
    return await action();
  } catch (error) {
    if (store.kind !== 'sqlite' || !hasCode(error, 'store_in_use')) throw error;
    const answer = await giveOrder({ path: findControlPath(store.path), store: store.path }, order);
    if (answer === undefined) throw error;
    return answer;
  }
}
