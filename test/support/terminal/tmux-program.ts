import process from 'node:process';
import { createTerminal } from '../../../src/adapters/terminal/terminal.ts';
import { JitError } from '../../../src/core/errors.ts';
import type { Terminal } from '../../../src/core/ports/terminal.ts';

/** One scene of the terminal adapter, chosen by the first argument, for tests that watch it in a real terminal. */
const scenes: Readonly<Record<string, (terminal: Terminal) => Promise<unknown>>> = {
  select: (terminal) =>
    terminal.select({
      message: 'Which scope?',
      choices: [
        { name: 'prod:db.read', value: { scope: 'read' }, description: 'Read production data' },
        { name: 'prod:db.write', value: { scope: 'write' }, description: 'Change production data' },
        { name: 'evil\x1b[2J\rname', value: { scope: 'evil' } },
      ],
    }),
  input: (terminal) =>
    terminal.input({
      message: 'Why?',
      initial: 'INC-1',
      complain: (answer) => (answer.length < 8 ? 'is too short' : undefined),
    }),
  password: (terminal) => terminal.password('Passphrase'),
  confirm: (terminal) => terminal.confirm('Sure?', { fallback: false }),
  signalled: (terminal) => terminal.confirm(`Sure, ${process.pid}?`, { fallback: false }),
  spinner: async (terminal) => {
    const spinner = terminal.startSpinner('waiting for people');
    process.once('SIGINT', () => {
      spinner.stop();
      terminal.tell('interrupted, still pending');
      process.exit(130);
    });
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  flood: async (terminal) => {
    for (let line = 0; line < 100_000; line += 1) terminal.print(`line ${line}`);
    await new Promise((resolve) => setImmediate(resolve));
    terminal.print('more');
    terminal.tell('finished');
  },
  paint: async (terminal) => {
    terminal.tell(`${terminal.paint.good('fine')} ${terminal.paint.strong(`a${terminal.paint.bad('b')}c`)}`);
    terminal.tell('\x1b[31mhostile\x1b[39m \x1b[1mtext');
    terminal.tell(terminal.paint.warn('\x1b[31mhostile\x1b[39m'));
    terminal.print(terminal.paint.accent('printed'));
  },
  qr: async (terminal) => {
    for (const line of terminal.drawQr('https://jit.example.com/device').split('\n')) terminal.tell(line);
  },
};

async function main(): Promise<number> {
  const terminal = await createTerminal({
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
  });
  const scene = scenes[process.argv[2] ?? ''];
  try {
    const answer = await scene?.(terminal);
    if (answer !== undefined) terminal.print(`answer=${JSON.stringify(answer)}`);
    return 0;
  } catch (error) {
    if (!(error instanceof JitError)) throw error;
    terminal.tell(`${error.code}: ${error.message}`);
    return error.exitCode;
  }
}

process.exitCode = await main();
