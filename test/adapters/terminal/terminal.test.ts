import { execFile } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createTerminal } from '../../../src/adapters/terminal/terminal.ts';
import type { Terminal } from '../../../src/core/ports/terminal.ts';

type World = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly tty?: readonly ('stdin' | 'stdout' | 'stderr')[];
};

async function open(world: World = {}): Promise<{
  readonly terminal: Terminal;
  readonly out: () => string;
  readonly err: () => string;
}> {
  const stream = (name: 'stdin' | 'stdout' | 'stderr') =>
    Object.assign(new PassThrough(), { isTTY: world.tty?.includes(name) ?? false });
  const [stdin, stdout, stderr] = [stream('stdin'), stream('stdout'), stream('stderr')];
  const terminal = await createTerminal({ stdin, stdout, stderr, environment: world.environment ?? {} });
  const read = (from: PassThrough) => () => String(from.read() ?? '');
  return { terminal, out: read(stdout), err: read(stderr) };
}

const everything = ['stdin', 'stdout', 'stderr'] as const;

describe('what a terminal may do', () => {
  it.each([
    ['all three are terminals', { tty: everything }, true],
    ['stdout is a pipe', { tty: ['stdin', 'stderr'] as const }, true],
    ['stdin is a pipe', { tty: ['stdout', 'stderr'] as const }, false],
    ['stderr is a file', { tty: ['stdin', 'stdout'] as const }, false],
    ['CI is set', { tty: everything, environment: { CI: 'true' } }, false],
    ['CI says false', { tty: everything, environment: { CI: 'false' } }, true],
  ])('asks questions, or not, when %s', async (_, world, interactive) => {
    expect((await open(world)).terminal.interactive).toBe(interactive);
  });

  it.each([
    ['on a terminal', { tty: everything }, true],
    ['into a pipe', {}, false],
    ['with NO_COLOR', { tty: everything, environment: { NO_COLOR: '1' } }, false],
    ['with an empty NO_COLOR', { tty: everything, environment: { NO_COLOR: '' } }, true],
    ['with CI', { tty: everything, environment: { CI: '1' } }, false],
    ['with FORCE_COLOR into a pipe', { environment: { FORCE_COLOR: '1' } }, true],
    ['with FORCE_COLOR=0', { tty: everything, environment: { FORCE_COLOR: '0' } }, false],
    ['with both', { environment: { NO_COLOR: '1', FORCE_COLOR: '1' } }, false],
    ['on a dumb terminal', { tty: everything, environment: { TERM: 'dumb' } }, false],
  ])('paints, or not, %s', async (_, world, colour) => {
    const { terminal, err } = await open(world);
    terminal.tell(terminal.paint.good('fine'));
    expect(err()).toBe(colour ? '\x1b[32mfine\x1b[39m\n' : 'fine\n');
  });

  it('paints stderr and leaves a piped stdout clean', async () => {
    const { terminal, out, err } = await open({ tty: ['stdin', 'stderr'] });
    terminal.print(terminal.paint.strong('x'));
    terminal.tell(terminal.paint.strong('x'));
    expect([out(), err()]).toEqual(['x\n', '\x1b[1mx\x1b[22m\n']);
  });
});

describe('what is written', () => {
  it.each([{}, { tty: everything }])('S12: tells one line, whatever is in it (%o)', async (world) => {
    const { terminal, err } = await open(world);
    terminal.tell('denied\rapproved\n✔ token revoked\x1b[2J \x1b[32mgreen');
    expect(err()).toBe('denied\\rapproved\\n✔ token revoked\\x1b[2J \\x1b[32mgreen\n');
  });

  it('prints as it is, with one newline at the end', async () => {
    const { terminal, out } = await open();
    terminal.print('{\n\t"id": 1\n}');
    terminal.print('done\n');
    terminal.print('');
    expect(out()).toBe('{\n\t"id": 1\n}\ndone\n');
  });

  it('spins in a pipe as two plain lines', async () => {
    const { terminal, err } = await open();
    const spinner = terminal.startSpinner('waiting');
    spinner.update('still waiting');
    spinner.succeed('approved\x1b[2J');
    expect(err()).toBe('waiting\n✔ approved\\x1b[2J\n');
  });

  it('draws no QR code without a screen', async () => {
    expect((await open()).terminal.drawQr('https://jit.example.com')).toBe('');
  });

  it('takes 80 columns and 24 lines for unknown', async () => {
    expect((await open()).terminal).toMatchObject({ columns: 80, rows: 24 });
  });

  it('S12: calls whoever looked away with a sound and a message, and only where somebody can hear', async () => {
    const { terminal, err } = await open({ tty: everything });
    terminal.alert('jit: approved\x07\x1b]0;title\x07');
    expect(err()).toBe('\x1b]9;jit: approved\\x07\\x1b]0;title\\x07\x07\x07');
    for (const world of [
      {},
      { tty: everything, environment: { CI: '1' } },
      { tty: everything, environment: { TERM: 'dumb' } },
    ]) {
      const silent = await open(world);
      silent.terminal.alert('jit: approved');
      expect(silent.err()).toBe('');
    }
  });

  it.each([
    ['stdout is a pipe', { tty: ['stdin', 'stderr'] as const }, { animated: true, hasScreen: false }],
    ['stderr is a file', { tty: ['stdin', 'stdout'] as const }, { animated: false, hasScreen: true }],
    [
      'the terminal is dumb',
      { tty: everything, environment: { TERM: 'dumb' } },
      { animated: false, hasScreen: true },
    ],
    ['CI is set', { tty: everything, environment: { CI: '1' } }, { animated: false, hasScreen: false }],
  ])('knows what may be rewritten and what is a screen when %s', async (_, world, expected) => {
    expect((await open(world)).terminal).toMatchObject(expected);
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const program = fileURLToPath(new URL('../../support/terminal/tmux-program.ts', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)('sh', [
      '-c',
      `'${process.execPath}' '${program}' flood | head -1`,
    ]);
    expect([stdout, stderr]).toEqual(['line 0\n', 'finished\n']);
  });
});
