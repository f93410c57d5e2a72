import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hasTmux, openTmux, type TmuxTerminal } from '../../support/terminal/tmux.ts';

const program = fileURLToPath(new URL('../../support/terminal/tmux-program.ts', import.meta.url));
const start = (scene: string): string => `'${process.execPath}' '${program}' ${scene}; echo "exit=$?"`;

async function expectTerminalAsItWas(terminal: TmuxTerminal): Promise<void> {
  expect(await terminal.isCursorVisible()).toBe(true);
  await terminal.run("clear; stty -a | tr ' ' '\\n' | grep -E '^-?(icanon|echo|isig);?$' | tr '\\n' ' '");
  await terminal.see(/^isig icanon echo/m);
}

describe.skipIf(!hasTmux())('questions in a real terminal', () => {
  it('finds a choice by words of its description and keeps stdout for the answer', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('select'));
    await terminal.see('Which scope?');
    await terminal.type('change prod');
    await terminal.see(/Which scope\? change prod\n❯ prod:db\.write\n/);
    await terminal.press('Enter');
    const screen = await terminal.see('exit=0');
    expect(screen).toContain('answer={"scope":"write"}');
    await expectTerminalAsItWas(terminal);
  });

  it('S12: shows a hostile choice as text', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('select'));
    expect(await terminal.see('evil')).toContain('evil\\x1b[2J\\rname');
  });

  it('complains about an answer until it will do', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('input'));
    await terminal.see('Why? INC-1');
    await terminal.press('Enter');
    await terminal.see('is too short');
    await terminal.type(' slow');
    await terminal.press('Enter');
    expect(await terminal.see('exit=0')).toContain('answer="INC-1 slow"');
  });

  it('I5: never shows a passphrase', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('password'));
    await terminal.see('Passphrase');
    await terminal.type('hunter2');
    const typed = await terminal.see('*******');
    expect(typed).not.toContain('hunter2');
    await terminal.press('Enter');
    expect(await terminal.see('exit=0')).toContain('answer="hunter2"');
  });

  it('takes Enter for the answer that changes nothing', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('confirm'));
    await terminal.see('Sure?');
    await terminal.press('Enter');
    expect(await terminal.see('exit=0')).toContain('answer=false');
  });

  it.each(['select', 'input', 'password', 'confirm'])(
    'ends %s on Ctrl-C and leaves the terminal as it was',
    async (scene) => {
      await using terminal = await openTmux();
      await terminal.run(start(scene));
      await terminal.see(/Which scope\?|Why\?|Passphrase|Sure\?/);
      await terminal.press('C-c');
      const screen = await terminal.see('exit=130');
      expect(screen).toContain('interrupted: stopped at the question');
      await expectTerminalAsItWas(terminal);
    },
  );

  it('takes Ctrl-D on an empty line for leaving', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('confirm'));
    await terminal.see('Sure?');
    await terminal.press('C-d');
    await terminal.see('exit=130');
    await expectTerminalAsItWas(terminal);
  });

  it('takes a SIGINT that was sent instead of typed for leaving', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('signalled'));
    const screen = await terminal.see(/Sure, \d+\?/);
    process.kill(Number(/Sure, (\d+)\?/.exec(screen)?.[1]), 'SIGINT');
    await terminal.see('exit=130');
    await expectTerminalAsItWas(terminal);
  });
});

describe.skipIf(!hasTmux())('the rest in a real terminal', () => {
  it('spins without taking Ctrl-C away', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('spinner'));
    await terminal.see(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] waiting for people/);
    expect(await terminal.isCursorVisible()).toBe(false);
    await terminal.press('C-c');
    const screen = await terminal.see('exit=130');
    expect(screen).toContain('interrupted, still pending');
    expect(screen).not.toContain('waiting for people');
    await expectTerminalAsItWas(terminal);
  });

  it('S12: colours its own paint and nothing that only looks like it', async () => {
    await using terminal = await openTmux();
    await terminal.run(start('paint'));
    await terminal.see('exit=0');
    const screen = await terminal.look({ codes: true });
    expect(screen).toContain('\x1b[32mfine');
    expect(screen).toMatch(/\x1b\[1ma\x1b\[31mb\x1b\[39mc/);
    expect(screen).toContain('\\x1b[31mhostile\\x1b[39m \\x1b[1mtext');
    expect(screen).toContain('\x1b[33m\\x1b[31mhostile\\x1b[39m');
    expect(screen).toContain('\x1b[36mprinted');
  });

  it('paints nothing under NO_COLOR, and nothing into a pipe', async () => {
    await using terminal = await openTmux({ environment: { NO_COLOR: '1' } });
    await terminal.run(start('paint'));
    await terminal.see('exit=0');
    expect(await terminal.look({ codes: true })).not.toMatch(/\x1b\[3\d/);
    await using piped = await openTmux();
    await piped.run(`'${process.execPath}' '${program}' paint 2>&1 | cat; echo "exit=$?"`);
    await piped.see('exit=0');
    expect(await piped.look({ codes: true })).not.toMatch(/\x1b/);
  });

  it('draws a QR code where it fits, and none where it does not', async () => {
    await using wide = await openTmux({ columns: 80, rows: 40 });
    await wide.run(start('qr'));
    expect(await wide.see('exit=0')).toMatch(/█▀▀|▄▄█/);
    await using narrow = await openTmux({ columns: 20, rows: 40 });
    await narrow.run(start('qr'));
    expect(await narrow.see('exit=0')).not.toMatch(/[█▀▄]/);
  });
});
