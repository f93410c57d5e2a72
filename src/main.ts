import manifest from '../package.json' with { type: 'json' };
import { reportStall, runProgram } from './cli/program.ts';
import type { Interrupt } from './cli/world.ts';
import { composeWorld } from './compose.ts';
import type { Departure } from './leave.ts';

export { leave } from './leave.ts';

const INTERRUPTED = 130;
/** What a command may still do after Ctrl-C: say what is pending, restore the terminal. */
const GRACE_MS = 1_000;

/** One run of `jit`. Never rejects: everything becomes a message and an exit code. */
export async function run(argv: readonly string[]): Promise<Departure> {
  const { interrupt, interrupted } = watchInterrupt(process);
  const { world, isStuck, listOpened, close } = await composeWorld({
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
  const exitCode = await Promise.race([runProgram(argv, world), left, stalled]);
  stall.release();
  await close();
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

type Watched = { readonly interrupt: Interrupt; readonly interrupted: Promise<number> };

/** The first Ctrl-C asks the command to end; one that does not within a second is left behind, and a second Ctrl-C does not wait. */
function watchInterrupt(process: NodeJS.Process): Watched {
  const asked = new AbortController();
  let leave: (code: number) => void = () => undefined;
  const interrupted = new Promise<number>((resolve) => {
    leave = resolve;
  });
  const onSignal = (): void => {
    if (asked.signal.aborted) leave(INTERRUPTED);
    asked.abort();
    setTimeout(() => leave(INTERRUPTED), GRACE_MS).unref();
  };
  process.on('SIGINT', onSignal);
  return {
    interrupted,
    interrupt: { signal: asked.signal, release: () => process.off('SIGINT', onSignal) },
  };
}
