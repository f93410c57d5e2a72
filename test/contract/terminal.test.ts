import { PassThrough } from 'node:stream';
import { describe, test } from 'vitest';
import { createTerminal } from '../../src/adapters/terminal/terminal.ts';
import { type Reply, type TerminalUnderTest, terminalSuite } from '../../src/testing/terminal.ts';
import { type Answer, CTRL_C, createTestTerminal } from '../support/fakes/test-terminal.ts';
import { until } from '../support/until.ts';

type Options = { readonly isAttended: boolean };

/** The real one, with somebody who types when the question is there. */
async function openReal({ isAttended }: Options): Promise<TerminalUnderTest> {
  const open = () => Object.assign(new PassThrough(), { isTTY: isAttended });
  const [stdin, stdout, stderr] = [open(), open(), open()];
  // As with a terminal's: what is written to it through a pipe does not end it.
  stderr.end = () => stderr;
  const said = { stdout: '', stderr: '' };
  stdout.on('data', (chunk) => (said.stdout += String(chunk)));
  stderr.on('data', (chunk) => (said.stderr += String(chunk)));
  const terminal = await createTerminal({ stdin, stdout, stderr, environment: { NO_COLOR: '1' } });
  let seen = 0;
  const see = (text: string) =>
    until(`shown: ${text}`, async () => {
      const at = said.stderr.indexOf(text, seen);
      if (at < 0) return false;
      seen = at + text.length;
      return true;
    });
  const type = async (message: string, reply: Reply): Promise<void> => {
    await see(message);
    if (reply === 'Enter') stdin.write('\r');
    else if (reply === 'Ctrl-C') stdin.write('\u0003');
    else if ('text' in reply) stdin.write(`\u0015${reply.text}\r`);
    else if ('yes' in reply) stdin.write(reply.yes ? 'y\r' : 'n\r');
    else {
      stdin.write(reply.choice);
      await see(`❯ ${reply.choice}`);
      stdin.write('\r');
    }
  };
  let typing = Promise.resolve();
  return {
    terminal,
    printed: () => said.stdout,
    told: () => said.stderr,
    reply: (message, reply) => {
      typing = typing.then(() => type(message, reply));
      // What went wrong is told when the test is over.
      typing.catch(() => undefined);
    },
    close: () => typing,
  };
}

async function openFake({ isAttended }: Options): Promise<TerminalUnderTest> {
  const terminal = createTestTerminal({ interactive: isAttended });
  return {
    terminal,
    printed: () => terminal.printed,
    told: () => terminal.told.map((line) => `${line}\n`).join(''),
    reply: (_, reply) => terminal.answer(translate(reply)),
    close: async () => undefined,
  };
}

function translate(reply: Reply): Answer {
  if (reply === 'Ctrl-C') return CTRL_C;
  if (reply === 'Enter') return '';
  if ('text' in reply) return reply.text;
  return 'yes' in reply ? reply.yes : reply.choice;
}

describe('Terminal contract: the real one', () => {
  terminalSuite({ test }, openReal);
});

describe('Terminal contract: the one of the tests', () => {
  terminalSuite({ test }, openFake);
});
