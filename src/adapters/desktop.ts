import { spawn } from 'node:child_process';
import { removeSecrets } from '../core/child-environment.ts';
import type { Desktop, DesktopMessage } from '../core/ports/processes.ts';
import { removeHidden } from '../core/text.ts';

export type DesktopOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
};

type Command = readonly [string, ...string[]];

/** The desktop is asked by a program of its own, which may hang without a session bus. */
const PATIENCE_MS = 1_000;

/** Messages on the desktop: `notify-send` where there is a session, `osascript` on macOS. Never through a shell. */
export function createDesktop({ environment, platform }: DesktopOptions): Desktop {
  return {
    show: async (message) => {
      const command = buildCommand(message, { environment, platform });
      return command !== undefined && run(command, environment);
    },
  };
}

function buildCommand(
  { title, text }: DesktopMessage,
  { environment, platform }: DesktopOptions,
): Command | undefined {
  const plain = [removeHidden(title), removeHidden(text)];
  if (platform === 'darwin')
    return ['osascript', ...SHOW_ARGUMENTS.flatMap((line) => ['-e', line]), ...plain];
  const { DISPLAY, WAYLAND_DISPLAY } = environment;
  if (!DISPLAY && !WAYLAND_DISPLAY) return undefined;
  return ['notify-send', '--app-name=jit', '--', ...plain.map(escapeMarkup)];
}

/** The text is an argument, never a part of the script. */
const SHOW_ARGUMENTS = [
  'on run argv',
  'display notification (item 2 of argv) with title (item 1 of argv)',
  'end run',
];

/** Most desktops read a little HTML in the text of a message. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** True when the program ran and was content. */
function run([program, ...args]: Command, environment: DesktopOptions['environment']): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: 'ignore',
      env: removeSecrets(environment),
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
