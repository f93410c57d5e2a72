import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOOK_AGAIN_MS = 25;
const PATIENCE_MS = 20_000;

/** A shell on a real terminal, seen as a person sees it. */
export type TmuxTerminal = AsyncDisposable & {
  /** Types a line and presses Enter. */
  run(line: string): Promise<void>;
  type(text: string): Promise<void>;
  /** tmux's names of keys: `C-c`, `Enter`, `Down`. */
  press(...keys: readonly string[]): Promise<void>;
  /** What is on the screen, with colour codes when asked for. */
  look(options?: { readonly codes?: boolean }): Promise<string>;
  /** The screen once it shows this; fails with the screen when it does not within 20 s. */
  see(what: string | RegExp): Promise<string>;
  isCursorVisible(): Promise<boolean>;
};

export type TmuxOptions = {
  readonly columns?: number;
  readonly rows?: number;
  /** The whole environment of the shell, besides what any terminal has. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Whether tests in a terminal can run here. With JIT_TEST_NO_SKIP=1 they must. */
export function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.JIT_TEST_NO_SKIP === '1')
      throw new Error('tmux is needed for this test', { cause: error });
    console.warn('skipped: tmux is missing, so nothing is tried in a real terminal');
    return false;
  }
}

/** Opens a shell in a tmux server of its own; dispose of it to end both. */
export async function openTmux(options: TmuxOptions = {}): Promise<TmuxTerminal> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-tmux-'));
  const env = buildEnvironment(options.environment ?? {});
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('tmux', ['-u', '-S', join(folder, 'socket'), '-f', '/dev/null', ...args], {
      env,
    });
    return stdout;
  };
  const size = ['-x', String(options.columns ?? 80), '-y', String(options.rows ?? 24)];
  await tmux('new-session', '-d', ...size, 'env', 'PS1=$ ', 'sh', '-i');
  const look = (look: { readonly codes?: boolean } = {}): Promise<string> =>
    tmux('capture-pane', '-p', ...(look.codes ? ['-e'] : []));
  const see = async (what: string | RegExp): Promise<string> => {
    for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
      const screen = await look();
      if (typeof what === 'string' ? screen.includes(what) : what.test(screen)) return screen;
      if (waitedMs > PATIENCE_MS) throw new Error(`never saw ${what} on this screen:\n${screen}`);
      await pause(LOOK_AGAIN_MS);
    }
  };
  const close = async (): Promise<void> => {
    await tmux('kill-server').catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
  const type = async (text: string): Promise<void> => void (await tmux('send-keys', '-l', text));
  const press = async (...keys: readonly string[]): Promise<void> => void (await tmux('send-keys', ...keys));
  await see(/^\$/m).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    type,
    press,
    look,
    see,
    run: async (line) => {
      await type(line);
      await press('Enter');
    },
    isCursorVisible: async () => (await tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1',
    [Symbol.asyncDispose]: close,
  };
}

function buildEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  return { PATH, HOME, TMPDIR, TERM: 'screen-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh', ...extra };
}
