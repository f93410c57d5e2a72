import { type Line, printLine } from './server/figures.ts';
import { measureCycles, measureIntrospection, measureRequests } from './server/load.ts';
import { measureManyEnds, measureOverdue } from './server/many.ts';
import { type Engine, openPlace, type Place } from './server/place.ts';
import { measureWaiting } from './server/waiting.ts';

// The server under load, on both stores in one run: `npm run bench:server`. One engine, or some of the measurements:
// `node bench/server.ts sqlite cycles`. The clients have processes of their own, on the same cores. Exits 1 where a budget
// is missed.

const ENGINES = ['sqlite', 'postgres'] as const;
const MEASURES: Readonly<Record<string, (place: Place) => Promise<readonly Line[]>>> = {
  requests: measureRequests,
  cycles: measureCycles,
  introspection: measureIntrospection,
  waiting: measureWaiting,
  overdue: measureOverdue,
  ends: measureManyEnds,
};

const words = process.argv.slice(2);

function pick<T extends string>(all: readonly T[]): readonly T[] {
  const picked = all.filter((name) => words.includes(name));
  return picked.length > 0 ? picked : all;
}

async function measureAll(engine: Engine): Promise<void> {
  await using place = await openPlace(engine, 200);
  for (const name of pick(Object.keys(MEASURES))) {
    await place.start();
    for (const line of (await MEASURES[name]?.(place)) ?? []) {
      printLine(engine, line);
      if (!line.isMet) process.exitCode = 1;
    }
    await place.stop();
  }
}

for (const engine of pick(ENGINES)) await measureAll(engine);
