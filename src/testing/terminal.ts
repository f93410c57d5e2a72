import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { hasCode } from '../core/errors.ts';
import type { Terminal } from '../core/ports/terminal.ts';
import type { SuiteRunner } from './suite.ts';

/** What somebody does at a question: types a text, takes a choice, says yes or no, only presses Enter, or leaves. */
export type Reply =
  | { readonly text: string }
  | { readonly choice: string }
  | { readonly yes: boolean }
  | 'Enter'
  | 'Ctrl-C';

export type TerminalUnderTest = {
  readonly terminal: Terminal;
  /** All of stdout, and all of stderr. */
  readonly printed: () => string;
  readonly told: () => string;
  /** What will be done at the question with this message; one after another where that is asked again. */
  readonly reply: (message: string, reply: Reply) => void;
  readonly close: () => Promise<void>;
};

const HOSTILE = 'denied\rapproved\n✔ gone\u001b[2J';
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
const CHOICES = ['prod:db.read', 'prod:db.write'].map((name) => ({ name, value: { scope: name } }));

/** What every `Terminal` without colour does, where somebody sits in front of it and where nobody does. */
export function terminalSuite(
  runner: SuiteRunner,
  open: (options: { readonly isAttended: boolean }) => Promise<TerminalUnderTest>,
): void {
  const testWith =
    (isAttended: boolean) =>
    (name: string, body: (world: TerminalUnderTest) => Promise<void>): void =>
      runner.test(name, async () => {
        const world = await open({ isAttended });
        try {
          await body(world);
        } finally {
          await world.close();
        }
      });
  testWriting(testWith(false));
  testAsking(testWith(true));
}

type Test = (name: string, body: (world: TerminalUnderTest) => Promise<void>) => void;

function testWriting(test: Test): void {
  test('prints to stdout as it is, with one newline at the end', async ({ terminal, printed, told }) => {
    for (const text of ['{\n\t"id": 1\n}', 'done\n', '']) terminal.print(text);
    deepEqual([printed(), told()], ['{\n\t"id": 1\n}\ndone\n', '']);
  });

  test('S12: tells one harmless line on stderr, whatever is in it', async ({ terminal, printed, told }) => {
    terminal.tell(HOSTILE);
    deepEqual([told(), printed()], ['denied\\rapproved\\n✔ gone\\x1b[2J\n', '']);
  });

  test('S12: says what it waits for, and how that ended', async ({ terminal, told }) => {
    const first = terminal.startSpinner(`waiting ${HOSTILE}`);
    first.update(`still ${HOSTILE}`);
    first.succeed(`approved ${HOSTILE}`);
    terminal.startSpinner('again').fail('denied');
    terminal.startSpinner('and again').stop();
    const lines = told().trimEnd().split('\n');
    equal(CONTROLS.test(told()), false);
    ok(lines[0]?.includes('waiting'));
    ok(lines.some((line) => line.startsWith('✔ approved')) && lines.includes('✖ denied'));
    ok(lines.at(-1)?.includes('and again'));
  });

  test('is plain where nobody looks', async ({ terminal, printed, told }) => {
    deepEqual([terminal.interactive, terminal.animated, terminal.hasScreen], [false, false, false]);
    deepEqual([terminal.columns, terminal.rows], [80, 24]);
    for (const paint of Object.values(terminal.paint)) equal(paint('text'), 'text');
    equal(terminal.drawQr('https://jit.example.com'), '');
    terminal.alert('approved');
    deepEqual([printed(), told()], ['', '']);
  });
}

function testAsking(test: Test): void {
  test('asks for a text until it will do, and prints nothing', async ({ terminal, reply, ...world }) => {
    const complain = (answer: string) => (answer.length < 8 ? 'is too short' : undefined);
    equal(terminal.interactive, true);
    reply('Why?', { text: 'slow' });
    reply('Why?', { text: 'slow checkout' });
    equal(await terminal.input({ message: 'Why?', complain }), 'slow checkout');
    ok(world.told().includes('is too short'));
    equal(world.printed(), '');
  });

  test('takes Enter for what is there already', async ({ terminal, reply }) => {
    reply('Which ticket?', 'Enter');
    equal(await terminal.input({ message: 'Which ticket?', initial: 'INC-4211' }), 'INC-4211');
    for (const fallback of [true, false]) {
      const message = `Sure, or ${fallback}?`;
      reply(message, 'Enter');
      equal(await terminal.confirm(message, { fallback }), fallback);
    }
  });

  test('gives the value of what is chosen', async ({ terminal, reply }) => {
    for (const [index, { name, value }] of CHOICES.entries()) {
      const message = `Which scope, number ${index}?`;
      reply(message, { choice: name });
      equal(await terminal.select({ message, choices: CHOICES }), value);
    }
  });

  test('takes yes and no', async ({ terminal, reply }) => {
    for (const yes of [true, false]) {
      const message = `Sure, or not ${yes}?`;
      reply(message, { yes });
      equal(await terminal.confirm(message, { fallback: !yes }), yes);
    }
  });

  test('I5: shows no password', async ({ terminal, reply, told, printed }) => {
    reply('Passphrase', { text: 'hunter2' });
    equal(await terminal.password('Passphrase'), 'hunter2');
    equal(told().includes('hunter2') || printed() !== '', false);
  });

  const questions: Readonly<Record<string, (terminal: Terminal) => Promise<unknown>>> = {
    text: (terminal) => terminal.input({ message: 'Well?' }),
    choice: (terminal) => terminal.select({ message: 'Well?', choices: CHOICES }),
    password: (terminal) => terminal.password('Well?'),
    'yes or no': (terminal) => terminal.confirm('Well?', { fallback: true }),
  };
  for (const [kind, ask] of Object.entries(questions)) {
    test(`is left at a question for a ${kind} by Ctrl-C`, async ({ terminal, reply }) => {
      reply('Well?', 'Ctrl-C');
      await rejects(ask(terminal), (error) => hasCode(error, 'interrupted'));
    });
  }
}
