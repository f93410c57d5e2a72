import type { Engineer } from '../../client/engineer.ts';
import { formatDuration } from '../../core/duration-text.ts';
import { fail } from '../../core/errors.ts';
import type { Wish } from '../../core/ports/local-state.ts';
import { describeAccess } from '../text/output.ts';
import type { World } from '../world.ts';

type Asking = {
  readonly scopes: readonly string[];
  readonly on?: string;
  readonly for?: string;
  readonly last?: boolean;
};

/** The flags, with what a helper missed last in the place of what `--last` leaves out. */
export async function withLast<T extends Asking>(world: World, engineer: Engineer, flags: T): Promise<T> {
  if (!flags.last) return flags;
  if (flags.scopes.length > 0 || flags.on !== undefined)
    throw fail('usage', { why: '--last brings scope and target with it: name them, or say --last' });
  const wish = await engineer.readWish();
  if (!wish)
    throw fail('usage', { why: 'there is nothing to ask for again: no jit credential missed a grant' });
  const { scopes, target, durationSeconds } = wish;
  world.terminal.tell(`asking for what jit credential wanted: ${describeWish(wish)}`);
  return {
    ...flags,
    scopes,
    ...(target === null ? {} : { on: target }),
    ...(durationSeconds === null || flags.for !== undefined ? {} : { for: `${durationSeconds}s` }),
  };
}

function describeWish({ scopes, target, durationSeconds }: Wish): string {
  const time = durationSeconds === null ? '' : ` · ${formatDuration(durationSeconds)}`;
  return `${describeAccess({ scopes, target: target ?? 'any target' })}${time}`;
}
