import { fail } from '../../../src/core/errors.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import type { Random } from '../random.ts';

export type SlowOptions = {
  readonly random: Random;
  /** How many in a hundred of what is made or tried fail, before the target did it or after. */
  readonly failuresInHundred?: number;
};

/** The same target, which takes its time before and after each step, another one each time. */
export function slowDown(target: Connector, { random, failuresInHundred = 0 }: SlowOptions): Connector {
  const slowly = async <T>(act: () => Promise<T>): Promise<T> => {
    await takeTurns(random.below(8));
    const result = await act();
    await takeTurns(random.below(8));
    return result;
  };
  const mayFail = <T>(act: () => Promise<T>): Promise<T> =>
    slowly(async () => {
      const isFailing = random.below(100) < failuresInHundred;
      if (isFailing && random.below(2) === 0) throw failed();
      const result = await act();
      if (isFailing) throw failed();
      return result;
    });
  return {
    ...target,
    issue: (order) => mayFail(() => target.issue(order)),
    probe: (credential, deadlineAt) => mayFail(() => target.probe(credential, deadlineAt)),
    remove: (handle, options) => slowly(() => target.remove(handle, options)),
  };
}

function failed(): Error {
  return fail('target_failed', { target: 'orders', why: 'connection reset' });
}

async function takeTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
