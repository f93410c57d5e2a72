import type { Engineer } from '../client/engineer.ts';
import { hasCode } from '../core/errors.ts';
import { logIn } from './device-login.ts';
import type { World } from './world.ts';

/**
 * Runs an action, and where it turns out that nobody is logged in, and somebody is there to do it, logs in and runs
 * it again. Without a terminal the error stands.
 */
export async function withLogin<T>(world: World, engineer: Engineer, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!world.terminal.interactive || !hasCode(error, 'login_needed', 'session_expired')) throw error;
    world.terminal.tell(error.message);
    await logIn(world, engineer, { shouldOpen: true });
    return action();
  }
}
