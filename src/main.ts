import manifest from '../package.json' with { type: 'json' };
import { reportLost, reportStall, runProgram } from './cli/program.ts';
import { composeWorld } from './compose.ts';
import { watchInterrupt } from './interrupt.ts';
import type { Departure } from './leave.ts';

export { leave } from './leave.ts';

/** One run of `jit`. Never rejects: everything becomes a message and an exit code. */
export async function run(argv: readonly string[]): Promise<Departure> {
  const { interrupt, interrupted } = watchInterrupt(process);
  const { world, isStuck, listOpened, readLost, close } = await composeWorld({
    process,
    interrupt,
    version: manifest.version,
  });
  const left = interrupted.then((code) => {
    world.terminal.tell('interrupted; jit status shows how things stand');
    return code;
  });
  const stall = watchStall(process);
  const stalled = stall.seen.then(() => reportStall(argv, world));
  const code = await Promise.race([runProgram(argv, world), left, stalled]);
  stall.release();
  await close();
  const lost = code === 0 && argv[0] !== 'exec' ? await readLost() : undefined;
  const exitCode = lost ? reportLost(world, lost.code ?? lost.message) : code;
  return { exitCode, stuck: isStuck(), opened: listOpened() };
}

type StallWatch = { readonly seen: Promise<void>; readonly release: () => void };

/** Node leaves with 0 where nothing is under way any more, whatever is still waited for: that would look like success. */
function watchStall(process: NodeJS.Process): StallWatch {
  const { promise: seen, resolve } = Promise.withResolvers<void>();
  const onDrained = (): void => resolve();
  process.once('beforeExit', onDrained);
  return { seen, release: () => process.off('beforeExit', onDrained) };
}
