import type { Engineer } from '../client/engineer.ts';
import { hasCode } from '../core/errors.ts';
import { logIn } from './log-in.ts';
import type { World } from './world.ts';

/**
 * Runs an action, and where it turns out that nobody is logged in, or not as policy asks for (RFC 9470), and somebody is
 * there to do it, logs in and runs it again: once for each. Without a terminal the error stands.
 */
export async function withLogin<T>(world: World, engineer: Engineer, action: () => Promise<T>): Promise<T> {
  return withStepUp(world, engineer, async () => {
    try {
      return await action();
    } catch (error) {
      if (!world.terminal.interactive || !hasCode(error, 'login_needed', 'session_expired')) throw error;
      world.terminal.tell(error.message);
      await logIn(world, engineer, { shouldOpen: true, way: null });
      return action();
    }
  });
}

async function withStepUp<T>(world: World, engineer: Engineer, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!world.terminal.interactive || !hasCode(error, 'step_up_needed') || !error.demand) throw error;
    world.terminal.tell(error.message);
    await logIn(world, engineer, { shouldOpen: true, way: null, demand: error.demand });
    return action();
  }
}
