import type { Paint } from '../../core/ports/terminal.ts';
import { neutralise } from '../../core/text.ts';

/** Paints, and turns what was painted into what one stream may show. */
export type Painter = {
  readonly paint: Paint;
  /** Everything but our own paint is neutralised (S12). */
  readonly showSafely: (text: string, colour: boolean) => string;
  /** The text as it is; our own paint becomes colour or disappears. */
  readonly showAsIs: (text: string, colour: boolean) => string;
};

const same = (text: string): string => text;

const PLAIN: Painter = {
  paint: { strong: same, dim: same, good: same, bad: same, warn: same, accent: same },
  showSafely: neutralise,
  showAsIs: same,
};

/** Loads chalk only when there is colour to paint with. */
export async function createPainter(colour: boolean): Promise<Painter> {
  if (!colour) return PLAIN;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  const marks = createMarks();
  const painted = (style: (text: string) => string) => (text: string) =>
    marks.hide(style(marks.showSafely(text, true)));
  const paint: Paint = {
    strong: painted(chalk.bold),
    dim: painted(chalk.dim),
    good: painted(chalk.green),
    bad: painted(chalk.red),
    warn: painted(chalk.yellow),
    accent: painted(chalk.cyan),
  };
  return { paint, showSafely: marks.showSafely, showAsIs: marks.showAsIs };
}

type Marks = Omit<Painter, 'paint'> & { readonly hide: (text: string) => string };

/**
 * Between `paint` and the stream a colour travels as a mark that holds a number drawn at start. So untrusted text,
 * even with the very codes that we use, is told apart from paint. The mark is an operating system command that no
 * terminal knows: should one ever escape, nothing is seen.
 */
function createMarks(): Marks {
  const nonce = globalThis.crypto.randomUUID();
  const codes = /\x1b\[(\d+)m/g;
  const mark = new RegExp(`\\x1b\\]jit;${nonce};(\\d+)\\x07`, 'g');
  const replaceMarks = (text: string, colour: boolean): string =>
    text.replace(mark, (_, code: string) => (colour ? `\x1b[${code}m` : ''));
  return {
    hide: (text) => text.replace(codes, (_, code: string) => `\x1b]jit;${nonce};${code}\x07`),
    showAsIs: replaceMarks,
    showSafely: (text, colour) =>
      text
        .split(mark)
        // Splitting by an expression with one group puts the groups at the odd places.
        .map((part, index) => (index % 2 === 0 ? neutralise(part) : colour ? `\x1b[${part}m` : ''))
        .join(''),
  };
}
