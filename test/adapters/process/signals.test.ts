import { describe, expect, it } from 'vitest';
import { buildExec, startProgram } from '../../support/processes/real.ts';
import { hasTmux, openTmux } from '../../support/terminal/tmux.ts';

const quote = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** Counts what it gets, tells, and ends with 42 when told to stop. */
const counter = [
  'for name in INT QUIT TERM HUP USR1 USR2; do trap "echo got-$name" $name; done',
  'trap "echo bye; exit 42" ALRM',
  'echo ready:$$:',
  'while :; do read -t 1 line < /dev/null; sleep 0.05; done',
].join('; ');

async function startCounter() {
  const program = startProgram(buildExec({ command: 'bash', args: ['-c', counter] }));
  const [, pid] = /ready:(\d+):/.exec(await program.see(/ready:\d+:/)) ?? [];
  return { program, childPid: Number(pid) };
}

describe('signals that reach jit while a child runs', () => {
  it.each([
    ['SIGTERM', 'got-TERM'],
    ['SIGHUP', 'got-HUP'],
    ['SIGUSR1', 'got-USR1'],
    ['SIGUSR2', 'got-USR2'],
    ['SIGINT', 'got-INT'],
    ['SIGQUIT', 'got-QUIT'],
  ] as const)('%s goes to the child, once, and does not end jit', async (name, text) => {
    const { program, childPid } = await startCounter();
    process.kill(program.pid, name);
    await program.see(text);
    process.kill(childPid, 'SIGALRM');
    const { exitCode, stdout, stderr } = await program.ended;
    expect(exitCode).toBe(42);
    expect(stdout.split('\n').slice(1)).toEqual([text, 'bye', '']);
    expect(stderr).toBe('');
  });

  it('ends as the child does when the signal ends it', async () => {
    const program = startProgram(buildExec({ command: 'sh', args: ['-c', 'echo ready; exec sleep 60'] }));
    await program.see('ready');
    process.kill(program.pid, 'SIGTERM');
    expect((await program.ended).exitCode).toBe(143);
  });
});

describe.skipIf(!hasTmux())('keys in a real terminal', () => {
  it('Ctrl-C reaches the child once, and jit lives on until the child ends', async () => {
    await using terminal = await openTmux();
    await terminal.run(`${quote(buildExec({ command: 'bash', args: ['-c', counter] }))}; echo "exit=$?"`);
    const [, pid] = /^ready:(\d+):/m.exec(await terminal.see(/^ready:\d+:/m)) ?? [];
    await terminal.press('C-c');
    await terminal.see(/^\^?C?got-INT/m);
    process.kill(Number(pid), 'SIGALRM');
    const screen = await terminal.see('exit=42');
    expect(screen.match(/got-INT/g)).toHaveLength(1);
    expect(screen).not.toContain('jit took SIGINT');
  });

  it('Ctrl-C ends a child that does not mind, with 130', async () => {
    await using terminal = await openTmux();
    await terminal.run(
      `${quote(buildExec({ command: 'sh', args: ['-c', 'echo up && exec sleep 60'] }))}; echo "exit=$?"`,
    );
    await terminal.see(/^up/m);
    await terminal.press('C-c');
    expect(await terminal.see(/exit=\d+/)).toContain('exit=130');
  });

  it('Ctrl-Z stops both, and fg continues both', async () => {
    await using terminal = await openTmux();
    await terminal.run(quote(buildExec({ command: 'cat', args: ['-'] })));
    await terminal.type('one\n');
    await terminal.see(/one\s+one/);
    await terminal.press('C-z');
    await terminal.see(/Stopped/i);
    await terminal.run('echo at the shell');
    await terminal.see(/^at the shell/m);
    await terminal.run('fg');
    // The shell says what it continues before that reads again.
    await terminal.see(/^\$ fg\n"?\/\S+/m);
    await terminal.type('two\n');
    await terminal.see(/two\s+two/);
    await terminal.press('C-d');
    await terminal.run('echo "exit=$?"');
    expect(await terminal.see(/exit=\d+/)).toContain('exit=0');
  });

  it('what is typed after a question goes to the child, every letter of it', async () => {
    await using terminal = await openTmux();
    await terminal.run(
      `${quote(buildExec({ command: 'sh', args: ['-c', 'echo up && exec cat'], asksFirst: true }))}; echo "exit=$?"`,
    );
    await terminal.see('Why?');
    await terminal.run('because');
    await terminal.see(/^up/m);
    await terminal.run('first line');
    await terminal.see(/first line\s+first line/);
    await terminal.run('second line');
    await terminal.see(/second line\s+second line/);
    await terminal.press('C-c');
    expect(await terminal.see(/exit=\d+/)).toContain('exit=130');
  });

  it('a child that was killed leaves no raw terminal behind', async () => {
    await using terminal = await openTmux();
    const script = 'stty raw -echo; echo "pid:$$:"; exec sleep 60';
    await terminal.run(`${quote(buildExec({ command: 'sh', args: ['-c', script] }))}; echo "exit=$?"`);
    const [, pid] = /pid:(\d+):/.exec(await terminal.see(/pid:\d+:/)) ?? [];
    process.kill(Number(pid), 'SIGKILL');
    await terminal.see('exit=137');
    await terminal.run("clear; stty -a | tr ' ' '\\n' | grep -E '^-?(icanon|echo);?$' | tr '\\n' ' '");
    await terminal.see(/^icanon echo/m);
  });
});
