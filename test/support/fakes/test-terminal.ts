import { fail } from '../../../src/core/errors.ts';
import type { Paint, SelectQuestion, Spinner, Terminal } from '../../../src/core/ports/terminal.ts';
import { neutralise } from '../../../src/core/text.ts';

/** What a person would answer: a choice by its name or index, a text, yes or no, or Ctrl-C. */
export type Answer = string | number | boolean | typeof CTRL_C;

export const CTRL_C = Symbol('Ctrl-C');

export type TestTerminal = Terminal & {
  /** stdout, whole. */
  readonly printed: string;
  /** stderr, line by line; spinners as `… text`, `✔ text`, `✖ text`. */
  readonly told: readonly string[];
  /** The messages of the questions, in order. */
  readonly asked: readonly string[];
  /** What somebody who looked away was called with. */
  readonly alerts: readonly string[];
  /** Answers for the questions to come. */
  answer(...answers: readonly Answer[]): void;
};

const same = (text: string): string => text;
const PAINT: Paint = { strong: same, dim: same, good: same, bad: same, warn: same, accent: same };

/** A terminal that records, and answers from a script; a question without an answer fails the test. */
export function createTestTerminal(
  options: {
    readonly interactive?: boolean;
    readonly answers?: readonly Answer[];
    readonly columns?: number;
    readonly rows?: number;
  } = {},
): TestTerminal {
  const answers: Answer[] = [...(options.answers ?? [])];
  const told: string[] = [];
  const asked: string[] = [];
  const alerts: string[] = [];
  let printed = '';
  const tell = (line: string): void => void told.push(neutralise(line));

  const ask = (message: string): Exclude<Answer, typeof CTRL_C> => {
    if (options.interactive === false) throw new Error(`asked "${message}" where nobody can answer`);
    asked.push(message);
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`the script has no answer for "${message}"`);
    if (answer === CTRL_C) throw fail('interrupted', { why: `stopped at the question "${message}"` });
    return answer;
  };

  return {
    interactive: options.interactive ?? true,
    animated: options.interactive ?? true,
    hasScreen: options.interactive ?? true,
    columns: options.columns ?? 80,
    rows: options.rows ?? 24,
    paint: PAINT,
    get printed() {
      return printed;
    },
    told,
    asked,
    alerts,
    alert: (text) => void alerts.push(text),
    answer: (...more) => void answers.push(...more),
    print: (text) => {
      printed += text === '' || text.endsWith('\n') ? text : `${text}\n`;
    },
    tell,
    startSpinner: (text) => createTestSpinner(text, tell),
    select: async (question) => findChoice(question, ask(question.message)),
    input: async ({ message, initial, complain }) => {
      for (;;) {
        const answer = String(ask(message)) || (initial ?? '');
        const complaint = complain?.(answer);
        if (complaint === undefined) return answer;
        tell(complaint);
      }
    },
    password: async (message) => String(ask(message)),
    confirm: async (message, { fallback }) => {
      const answer = ask(message);
      return typeof answer === 'boolean' ? answer : fallback;
    },
    drawQr: (text) => (options.interactive === false ? '' : `[QR ${text}]`),
  };
}

function createTestSpinner(text: string, tell: (line: string) => void): Spinner {
  tell(`… ${text}`);
  return {
    update: (line) => tell(`… ${line}`),
    succeed: (line) => tell(`✔ ${line}`),
    fail: (line) => tell(`✖ ${line}`),
    stop: () => {},
  };
}

function findChoice<T>(question: SelectQuestion<T>, answer: string | number | boolean): T {
  const choice =
    typeof answer === 'number'
      ? question.choices[answer]
      : question.choices.find((candidate) => candidate.name === answer || candidate.value === answer);
  if (choice) return choice.value;
  const names = question.choices.map((candidate) => candidate.name).join(', ');
  throw new Error(`"${question.message}" has no choice ${String(answer)}, only: ${names}`);
}
