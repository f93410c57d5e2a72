import { fail } from '../../core/errors.ts';
import type { InputQuestion, SelectQuestion, Terminal } from '../../core/ports/terminal.ts';
import { neutralise } from '../../core/text.ts';
import type { InputStream, OutputStream } from './capabilities.ts';
import { watchForLeaving } from './leaving.ts';

/** Both ends of the conversation: prompts never touch stdout. */
export type PromptStage = {
  readonly stdin: InputStream;
  readonly stderr: OutputStream;
};

type Prompts = Pick<Terminal, 'select' | 'input' | 'password' | 'confirm'>;
type Question = { readonly type: 'search' | 'input' | 'password' | 'confirm'; readonly message: string };

const ROWS_AROUND = 6;
const MOST_ROWS = 12;

/** inquirer, loaded with the first question. Ctrl-C and Ctrl-D throw `interrupted`. */
export function createPrompts(stage: PromptStage): Prompts {
  const ask = (question: Question & Readonly<Record<string, unknown>>): Promise<unknown> =>
    askWith(stage, question);
  return {
    select: (question) => select(question, { ask, rows: stage.stderr.rows ?? 24 }),
    input: async (question) => String(await ask(buildInput(question))),
    password: async (message) =>
      String(await ask({ type: 'password', message, mask: '*', toggleMask: false })),
    confirm: async (message, { fallback }) =>
      (await ask({ type: 'confirm', message, default: fallback })) === true,
  };
}

async function askWith(stage: PromptStage, question: Question): Promise<unknown> {
  const { default: inquirer } = await import('inquirer');
  const leaving = watchForLeaving(stage.stdin);
  const prompt = inquirer.createPromptModule({
    input: stage.stdin,
    output: stage.stderr,
    signal: leaving.signal,
  });
  const message = neutralise(question.message);
  try {
    const answers: Readonly<Record<string, unknown>> = await prompt({ ...question, name: 'answer', message });
    return answers.answer;
  } catch (error) {
    if (!isLeaving(error)) throw error;
    throw fail('interrupted', { why: `stopped at the question "${message}"` }, error);
  } finally {
    leaving.stop();
  }
}

function isLeaving(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError');
}

async function select<T>(
  question: SelectQuestion<T>,
  means: {
    readonly ask: (question: Question & Readonly<Record<string, unknown>>) => Promise<unknown>;
    readonly rows: number;
  },
): Promise<T> {
  const choices = question.choices.map((choice, index) => ({
    value: index,
    name: neutralise(choice.name),
    ...(choice.description ? { description: neutralise(choice.description) } : {}),
  }));
  const index = await means.ask({
    type: 'search',
    message: question.message,
    pageSize: Math.max(1, Math.min(MOST_ROWS, means.rows - ROWS_AROUND)),
    source: (term: string | undefined) => choices.filter((choice) => matches(choice, term)),
  });
  const chosen = question.choices[Number(index)];
  if (!chosen) throw fail('failed', { why: `nothing was chosen at "${neutralise(question.message)}"` });
  return chosen.value;
}

/** Every word typed is somewhere in the name or the description. */
function matches(
  choice: { readonly name: string; readonly description?: string },
  term: string | undefined,
): boolean {
  const text = `${choice.name} ${choice.description ?? ''}`.toLowerCase();
  return (term ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function buildInput(question: InputQuestion): Question & Readonly<Record<string, unknown>> {
  const { complain } = question;
  return {
    type: 'input',
    message: question.message,
    ...(question.initial === undefined ? {} : { default: question.initial, prefill: 'editable' }),
    ...(complain ? { validate: (answer: string) => neutralised(complain(answer)) } : {}),
  };
}

function neutralised(complaint: string | undefined): string | true {
  return complaint === undefined ? true : neutralise(complaint);
}
