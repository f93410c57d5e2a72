import process from 'node:process';
import type { InputStream } from './capabilities.ts';

type Key = { readonly name?: string; readonly ctrl?: boolean } | undefined;

/**
 * The ways out of a question that inquirer does not report: Ctrl-D, the end of the input, and a SIGINT that was sent
 * instead of typed. `stop` MUST be called when the question is over.
 */
export function watchForLeaving(stdin: InputStream): {
  readonly signal: AbortSignal;
  readonly stop: () => void;
} {
  const controller = new AbortController();
  const leave = (): void => controller.abort();
  const onKey = (_: unknown, key: Key): void => {
    if (key?.ctrl !== true || key.name !== 'd') return;
    // readline closes, and gives up raw mode, on an empty line only; elsewhere Ctrl-D deletes a character.
    setImmediate(() => {
      if (!stdin.isRaw) leave();
    });
  };
  stdin.on('keypress', onKey);
  stdin.once('end', leave);
  // Not `once`: signal-exit, below inquirer, kills the process when it finds itself the only listener.
  process.on('SIGINT', leave);
  return {
    signal: controller.signal,
    stop: () => {
      stdin.off('keypress', onKey);
      stdin.off('end', leave);
      process.off('SIGINT', leave);
    },
  };
}
