import type { SecretFile } from '../credential.ts';
import type { Secret } from '../secret.ts';

/** What a child is started with: the environment whole, and secrets that travel as S9 says. */
export type ChildOrder = {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secretFiles: readonly SecretFile[];
  /** Called where a secret should have been a file, and had to be put into this variable instead. */
  readonly onExposed?: ((variable: string) => void) | undefined;
  /**
   * Variables that need the paths of more such files: `place` makes one and tells its path. It throws `failed` where
   * there can be none, and the child is not started.
   */
  readonly buildMore?: ((place: PlaceSecret) => Readonly<Record<string, string>>) | undefined;
};

export type PlaceSecret = (content: Secret) => string;

export type ChildEnd = {
  /** The child's exit code, 128+n for a signal: what `jit exec` exits with. */
  readonly exitCode: number;
};

export interface Child {
  readonly ended: Promise<ChildEnd>;
  /** To the child's whole process group where it has one. Nothing when it is gone. */
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGINT' | 'SIGHUP'): void;
}

/** Starts programs. Signals that reach jit while a child runs MUST reach the child, and only it. */
export interface Processes {
  /** Something will be started soon: makes ready what that needs, while the caller waits for something else. Never fails. */
  prepare(): void;
  /** Throws `child_not_found` or `child_not_runnable` when it never ran. */
  start(order: ChildOrder): Promise<Child>;
  /** Starts jit itself again, detached, with no terminal and no inherited secrets: the reaper. */
  startDetached(args: readonly string[]): Promise<void>;
  /** The inherited environment, as it is. */
  readonly environment: Readonly<Record<string, string>>;
  /** False where secrets must travel in the environment instead: no /proc, or no room for a file. */
  readonly hasSecretFiles: boolean;
  /** Whether this kind of system has /proc: then it is a fault where there are none. */
  readonly expectsSecretFiles: boolean;
  readonly hostName: string;
  readonly userName: string;
}

export interface Browser {
  /** True when something was started; never waits for it, never fails. Only https, and http on loopback. */
  open(url: string): Promise<boolean>;
}

/** What is shown outside of the terminal: no secret, and what people wrote in it is neutralised. */
export type DesktopMessage = { readonly title: string; readonly text: string };

export interface Desktop {
  /** True when something showed it; false where there is no desktop. Waits about a second at most, never fails. */
  show(message: DesktopMessage): Promise<boolean>;
}
