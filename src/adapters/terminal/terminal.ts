import type { Spinner, Terminal } from '../../core/ports/terminal.ts';
import { detectCapabilities, type OutputStream, type TerminalParts } from './capabilities.ts';
import { createPainter } from './paint.ts';
import { createPrompts } from './prompts.ts';
import { createAnimatedSpinner, createPlainSpinner, type SpinnerStage } from './spinner.ts';

export type TerminalOptions = TerminalParts & {
  /** stdout takes no more: EPIPE when its reader has gone (`jit … | head -1`), ENOSPC. What follows is dropped. */
  readonly onOutputClosed?: (error: NodeJS.ErrnoException) => void;
};

const DEFAULT_COLUMNS = 80;

/**
 * The real terminal. chalk and uqr are loaded where there is colour and a screen, ora and inquirer with their first
 * use, so that a command in a pipe pays for none of them. `print` ends its text with a newline where it has none.
 */
export async function createTerminal(options: TerminalOptions): Promise<Terminal> {
  const { stdin, stdout, stderr } = options;
  const { interactive, animated, colour } = detectCapabilities(options);
  const painter = await createPainter(colour.stdout || colour.stderr);
  const drawQrCode = animated ? (await import('./qr.ts')).drawQrCode : undefined;
  const output = guard(stdout, options.onOutputClosed);
  const errors = guard(stderr);
  const show = (text: string): string => painter.showSafely(text, colour.stderr);
  const tell = (line: string): void => errors.write(`${show(line)}\n`);
  const marks = { succeeded: painter.paint.good('✔'), failed: painter.paint.bad('✖') };
  const stage: SpinnerStage = { stderr, colour: colour.stderr, show, tell, marks };

  return {
    interactive,
    paint: painter.paint,
    get columns() {
      return stderr.columns || DEFAULT_COLUMNS;
    },
    print: (text) => output.write(endLine(painter.showAsIs(text, colour.stdout))),
    tell,
    startSpinner: (text): Spinner =>
      animated ? createAnimatedSpinner(text, stage) : createPlainSpinner(text, stage),
    ...createPrompts({ stdin, stderr }),
    drawQr: (text) =>
      drawQrCode?.(text, { columns: stderr.columns || DEFAULT_COLUMNS, rows: stderr.rows || 24 }) ?? '',
  };
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** A stream whose reader may go away at any moment: without a listener that would be an uncaught exception. */
function guard(
  stream: OutputStream,
  onClosed?: (error: NodeJS.ErrnoException) => void,
): { readonly write: (text: string) => void } {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!closed) onClosed?.(error);
    closed = true;
  });
  return {
    write: (text) => {
      if (!closed) stream.write(text);
    },
  };
}
