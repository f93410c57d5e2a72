import type { Spinner, Terminal } from '../../core/ports/terminal.ts';
import { neutralise } from '../../core/text.ts';
import { detectCapabilities, type TerminalParts, type TextOutput } from './capabilities.ts';
import { createPainter } from './paint.ts';
import { createPrompts } from './prompts.ts';
import { createAnimatedSpinner, createPlainSpinner, type SpinnerStage } from './spinner.ts';

const BELL = '\u0007';
/** Operating system command 9, which ends with a bell: iTerm2, kitty, WezTerm, Ghostty and Windows show it. */
const NOTIFY = '\u001b]9;';

/** stdout takes no more: EPIPE when its reader has gone (`jit … | head -1`), ENOSPC. What follows is dropped. */
export type OutputClosed = (error: NodeJS.ErrnoException) => void;

/**
 * The real terminal. chalk and uqr are loaded where there is colour and a screen, ora and inquirer with their first
 * use, so that a command in a pipe pays for none of them. `print` ends its text with a newline where it has none.
 */
export async function createTerminal(
  options: TerminalParts,
  onOutputClosed?: OutputClosed,
): Promise<Terminal> {
  const capabilities = detectCapabilities(options);
  const { animated, colour } = capabilities;
  const painter = await createPainter(colour.stdout || colour.stderr);
  const drawQrCode = animated ? (await import('./qr.ts')).drawQrCode : undefined;
  const output = guard(() => options.stdout, onOutputClosed);
  const errors = guard(() => options.stderr);
  const show = (text: string): string => painter.showSafely(text, colour.stderr);
  const tell = (line: string): void => errors.write(`${show(line)}\n`);
  const marks = { succeeded: painter.paint.good('✔'), failed: painter.paint.bad('✖') };

  return {
    get interactive() {
      return capabilities.interactive;
    },
    animated,
    get hasScreen() {
      return capabilities.hasScreen;
    },
    paint: painter.paint,
    get columns() {
      return capabilities.columns;
    },
    get rows() {
      return capabilities.rows;
    },
    print: (text) => output.write(endLine(painter.showAsIs(text, colour.stdout))),
    tell,
    alert: (text) => {
      if (animated) errors.write(`${NOTIFY}${neutralise(text)}${BELL}${BELL}`);
    },
    startSpinner: (text): Spinner => {
      const stage: SpinnerStage = { stderr: errors.stream(), colour: colour.stderr, show, tell, marks };
      return animated ? createAnimatedSpinner(text, stage) : createPlainSpinner(text, stage);
    },
    ...createPrompts({
      get stdin() {
        return options.stdin;
      },
      get stderr() {
        return errors.stream();
      },
    }),
    drawQr: (text) => {
      const { columns, rows } = capabilities;
      return drawQrCode?.(text, { columns, rows }) ?? '';
    },
  };
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

type Guarded<T> = { readonly stream: () => T; readonly write: (text: string) => void };

/** A stream whose reader may go away at any moment: without a listener that would be an uncaught exception. */
function guard<T extends TextOutput>(open: () => T, onClosed?: OutputClosed): Guarded<T> {
  let closed = false;
  let opened: T | undefined;
  const stream = (): T => {
    opened ??= listen(open());
    return opened;
  };
  const listen = (target: T): T => {
    target.on('error', (error) => {
      if (!closed) onClosed?.(error);
      closed = true;
    });
    return target;
  };
  const write = (text: string): void => {
    const target = stream();
    if (!closed) target.write(text);
  };
  return { stream, write };
}
