/** What ends a process that does not listen for it, without a word to what it has started. */
const DEADLY: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGQUIT'];

const killers = new Set<() => void>();
let isWatching = false;

/**
 * However jit leaves, a terminal that is closed included, `kill` is called first; only SIGKILL cannot be heard. Returns how
 * to stop.
 */
export function endWithJit(kill: () => void): () => void {
  killers.add(kill);
  if (!isWatching) watch();
  isWatching = true;
  return () => {
    killers.delete(kill);
  };
}

function watch(): void {
  process.once('exit', killAll);
  for (const name of DEADLY) {
    process.once(name, () => {
      killAll();
      // As if nobody had listened; not before the others that listen have had their turn.
      setImmediate(() => process.kill(process.pid, name));
    });
  }
}

function killAll(): void {
  for (const kill of killers) kill();
}
