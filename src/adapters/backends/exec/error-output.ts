import { neutralise } from '../../../core/text.ts';
import { LONGEST_ERROR_LINE, MOST_ERROR_BYTES, MOST_ERROR_LINES } from './limits.ts';

export type ErrorOutput = {
  readonly take: (chunk: string) => void;
  /** The last line that was written, for an error that has nothing better to say. */
  readonly readLast: () => string;
};

/**
 * What a plugin writes to stderr, shown to people line by line: neutralised (S12), short, and no more than some of it.
 * `onFlood` is told when it does not stop.
 */
export function createErrorOutput(options: {
  readonly show: (line: string) => void;
  readonly onFlood: () => void;
}): ErrorOutput {
  let rest = '';
  let last = '';
  let shown = 0;
  let taken = 0;
  const showLine = (line: string): void => {
    if (line.trim() === '') return;
    last = neutralise(line.slice(0, LONGEST_ERROR_LINE));
    shown += 1;
    if (shown <= MOST_ERROR_LINES) options.show(last);
    if (shown === MOST_ERROR_LINES + 1) options.show('… it says more, which is left out');
  };
  return {
    take: (chunk) => {
      taken += chunk.length;
      if (taken > MOST_ERROR_BYTES) {
        options.onFlood();
        return;
      }
      const lines = (rest + chunk).split('\n');
      // A line without an end is cut like any other: nothing of it is kept that is not shown.
      rest = (lines.pop() ?? '').slice(0, LONGEST_ERROR_LINE);
      for (const line of lines) showLine(line);
    },
    readLast: () => (rest.trim() === '' ? last : neutralise(rest)),
  };
}
