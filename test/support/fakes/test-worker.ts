import { startWorker, type Worker } from '../../../src/broker/work/worker.ts';
import type { TakenWork, WorkKind } from '../../../src/core/ports/store.ts';
import { createFakeClock } from './fake-clock.ts';

type Running = { readonly work: TakenWork; readonly finish: () => void };

/** A worker over a list of due work; every piece runs until the test ends it. */
export function startTestWorker(due: TakenWork[] = []) {
  const clock = createFakeClock(1_000_000);
  const running: Running[] = [];
  const errors: unknown[] = [];
  let isBroken = false;
  let isHidden = false;
  let takes = 0;
  const givenBack: (readonly [string, number])[] = [];
  const worker: Worker = startWorker({
    clock,
    store: {
      takeWork: async ({ limit }) => {
        takes += 1;
        if (isBroken) throw new Error('the disk is full');
        return due.splice(0, limit);
      },
      findNextWorkAt: async () => {
        if (isHidden) throw new Error('the connection is gone');
        return undefined;
      },
      postponeWork: async ({ id }, dueAt) => {
        if (isBroken) throw new Error('the disk is full');
        givenBack.push([id, dueAt]);
      },
    },
    run: (work) =>
      new Promise((finish, reject) => {
        if (work.id.startsWith('broken')) reject(new Error(work.id));
        running.push({ work, finish });
      }),
    onError: (error) => errors.push(error),
  });
  return {
    clock,
    worker,
    running,
    errors,
    due,
    givenBack,
    takes: () => takes,
    breakStore: (broken: boolean) => {
      isBroken = broken;
    },
    /** It gives work, and cannot say when there will be more. */
    hideNext: (hidden: boolean) => {
      isHidden = hidden;
    },
    /** Lets time pass until the worker has looked again. */
    look: async () => {
      await clock.untilSleeping();
      await clock.advance(1000);
      await clock.untilSleeping();
    },
    /** Ends all that runs, again and again, until there is nothing left. */
    finishAll: async () => {
      for (let ended = 0; ended < running.length; ended += 1) {
        running[ended]?.finish();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

export function buildWork(id: string, kind: WorkKind, target = 'orders'): TakenWork {
  return {
    id,
    kind,
    target,
    requestId: null,
    grantId: id,
    dueAt: 0,
    attempts: 0,
    lastError: null,
    leasedUntil: 1,
  };
}

export function buildMany(count: number, kind: WorkKind, target: string): TakenWork[] {
  return Array.from({ length: count }, (_, index) => buildWork(`${kind}:${target}-${index}`, kind, target));
}
