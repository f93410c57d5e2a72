/** What ends a process that does not listen for it, without a word to what it has started. */
const DEADLY: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGQUIT'];

const endings = new Set<() => void>();
let isWatching = false;

/**
 * However jit leaves, a terminal that is closed included, `end` is called first; only SIGKILL cannot be heard. Returns how
 * to stop.
 */
export function endWithJit(end: () => void): () => void {
  endings.add(end);
  if (!isWatching) watch();
  isWatching = true;
  return () => {
    endings.delete(end);
  };
}

function watch(): void {
  process.once('exit', endAll);
  for (const name of DEADLY) {
    process.once(name, () => {
      endAll();
      // As if nobody had listened; not before the others that listen have had their turn.
      setImmediate(() => process.kill(process.pid, name));
    });
  }
}

function endAll(): void {
  for (const end of endings) end();
}
