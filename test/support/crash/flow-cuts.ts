import type { Store } from '../../../src/core/ports/store.ts';
import { apart } from './crashing-statements.ts';
import { createGate, type Gate, watchStore } from './gate.ts';

/** One that stops for good at its fail point: nothing of it reaches its store, or what it has its gate around, from then on. */
export type Dying = Pick<Gate, 'around'> & {
  /** The store as it has it. */
  watch(store: Store): Store;
};

/** A path that needs no server: each time on a stage of its own. */
export type Flow<Stage> = {
  readonly open: () => Promise<Stage>;
  readonly act: (stage: Stage, dying: Dying) => Promise<unknown>;
  /** The next one does what it does; what is wrong then. */
  readonly recover: (stage: Stage) => Promise<readonly string[]>;
};

export type FlowVerdict = {
  readonly points: readonly string[];
  /** By fail point. */
  readonly violations: Readonly<Record<string, readonly string[]>>;
};

/** Plays it to its end, and again for each of its fail points, to be stopped there for good. */
export async function cutFlow<Stage>(flow: Flow<Stage>): Promise<FlowVerdict> {
  const whole = await play(flow, null);
  const points: string[] = [];
  const violations: Record<string, readonly string[]> = {};
  if (whole.wrong.length > 0) violations['to its end'] = whole.wrong;
  for (const point of whole.passed) {
    const { wrong, isReached } = await play(flow, point);
    if (isReached) points.push(point);
    if (wrong.length > 0) violations[point] = wrong;
  }
  return { points, violations };
}

async function play<Stage>(flow: Flow<Stage>, at: string | null) {
  const stage = await flow.open();
  const frozen = Promise.withResolvers<true>();
  const passed: string[] = [];
  const report: Parameters<typeof createGate>[0]['report'] = (news) => {
    if (news.kind === 'frozen') frozen.resolve(true);
    if (news.kind === 'passed') passed.push(news.point);
  };
  const gate = createGate({ report, findAt: () => ({ at }) });
  const watch = (store: Store): Store => setApart(watchStore(store, { ...gate, report }));
  const acting = flow.act(stage, { around: gate.around, watch }).then(() => false);
  const isReached = await Promise.race([acting, frozen.promise]);
  const wrong = await flow.recover(stage);
  return { passed, isReached, wrong };
}

/** What a connector does at the store is no statement to its target. */
function setApart(store: Store): Store {
  const methods = Object.entries(store).map(([name, method]) => [
    name,
    (...order: readonly unknown[]) => apart(() => (method as (...order: unknown[]) => unknown)(...order)),
  ]);
  return Object.fromEntries(methods) as Store;
}
