import type { Spinner } from '../../core/ports/terminal.ts';
import type { OutputStream } from './capabilities.ts';

/** What a spinner needs of its terminal. */
export type SpinnerStage = {
  readonly stderr: OutputStream;
  readonly colour: boolean;
  readonly show: (text: string) => string;
  /** A whole line that stays. */
  readonly tell: (line: string) => void;
  readonly marks: { readonly succeeded: string; readonly failed: string };
};

/** Where lines cannot be rewritten: one line at the start, one at the end. */
export function createPlainSpinner(text: string, stage: SpinnerStage): Spinner {
  stage.tell(text);
  return {
    update: () => {},
    succeed: (line) => stage.tell(`${stage.marks.succeeded} ${line}`),
    fail: (line) => stage.tell(`${stage.marks.failed} ${line}`),
    stop: () => {},
  };
}

type Spinning = { text: string; stop(): unknown };

/** Turns as soon as ora is loaded; what is over before that never flickers. */
export function createAnimatedSpinner(text: string, stage: SpinnerStage): Spinner {
  let current = stage.show(text);
  let stopped = false;
  let spinning: Spinning | undefined;
  const load = async (): Promise<void> => {
    const { default: ora } = await import('ora');
    if (stopped) return;
    const color = stage.colour ? ('cyan' as const) : false;
    // Without `discardStdin: false` the terminal is in raw mode and Ctrl-C is a key instead of a signal.
    spinning = ora({
      text: current,
      stream: stage.stderr,
      color,
      discardStdin: false,
      isEnabled: true,
    }).start();
  };
  const stop = (): void => {
    stopped = true;
    spinning?.stop();
    spinning = undefined;
  };
  load().catch(() => stage.tell(text));
  return {
    update: (line) => {
      current = stage.show(line);
      if (spinning) spinning.text = current;
    },
    succeed: (line) => {
      stop();
      stage.tell(`${stage.marks.succeeded} ${line}`);
    },
    fail: (line) => {
      stop();
      stage.tell(`${stage.marks.failed} ${line}`);
    },
    stop,
  };
}
