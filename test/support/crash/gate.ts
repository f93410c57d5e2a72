import type { Store } from '../../../src/core/ports/store.ts';
import { never } from '../never.ts';
import type { Around } from './crashing-statements.ts';
import type { CrashNews } from './messages.ts';

type Report = (news: CrashNews) => void;

export type Gate = {
  readonly around: Around;
  /** A place where the server may stop. The second time at the same place it has another name. */
  readonly pass: (name: string) => Promise<void>;
  /** Lets nobody on once the server has stopped. */
  readonly hold: () => Promise<void>;
};

/** Nobody gets past the fail point where it stops, nor does anything of the same server from then on. */
export function createGate(options: {
  readonly report: Report;
  /** Null before it is armed. */
  readonly findAt: () => { readonly at: string | null } | null;
}): Gate {
  const passed = new Map<string, number>();
  let isFrozen = false;
  const hold = async (): Promise<void> => {
    if (isFrozen) await never();
  };
  const pass = async (name: string): Promise<void> => {
    await hold();
    const armed = options.findAt();
    if (!armed) return;
    const times = (passed.get(name) ?? 0) + 1;
    passed.set(name, times);
    const point = times === 1 ? name : `${name}, time ${times}`;
    if (armed.at === null) return options.report({ kind: 'passed', point });
    if (point !== armed.at) return;
    isFrozen = true;
    options.report({ kind: 'frozen' });
    await never();
  };
  const around: Around = async (name, action) => {
    await pass(`before ${name}`);
    const result = await action();
    await pass(`after ${name}`);
    return result;
  };
  return { around, pass, hold };
}

/** Every write is a fail point, before and after. */
export function watchStore(
  store: Store,
  { around, pass, hold, report }: Gate & { readonly report: Report },
): Store {
  return {
    ...store,
    commit: async (transition) => {
      const { kind } = transition.event;
      const outcome = await around(kind, () => store.commit(transition));
      if (outcome === 'committed') report({ kind: 'recorded', event: kind });
      return outcome;
    },
    takeWork: async (options) => {
      await hold();
      const taken = await store.takeWork(options);
      for (const { kind } of taken) await pass(`after taking ${kind}`);
      return taken;
    },
    finishWork: (work) => around(`finishing ${work.id.split(':')[0]}`, () => store.finishWork(work)),
    postponeWork: (work, dueAt) =>
      around(`postponing ${work.id.split(':')[0]}`, () => store.postponeWork(work, dueAt)),
    recordDelivery: (record) => around('a delivery', () => store.recordDelivery(record)),
    replaceSetting: (change) => around('a setting', () => store.replaceSetting(change)),
    recordAttempt: (record) => around('a try', () => store.recordAttempt(record)),
    recordUse: (grantId, at) => around('a use', () => store.recordUse(grantId, at)),
  };
}
