import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fail } from '../../core/errors.ts';

/** All that a program without a terminal needs to find its folders and the keychain; secrets are not among it. */
const KEPT =
  /^(HOME|USER|LOGNAME|PATH|LANG|LC_ALL|TZ|TMPDIR|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|JIT_CONFIG_DIR|JIT_STATE_DIR|JIT_KEYCHAIN)$/;

/** A program that outlives this one: no terminal, no inherited descriptors, no folder kept busy. */
export async function startDetached(
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const [program, ...args] = command;
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: 'ignore',
      cwd: '/',
      env: Object.fromEntries(Object.entries(environment).filter(([name]) => KEPT.test(name))),
    });
    await once(child, 'spawn');
    child.unref();
  } catch (error) {
    throw fail('failed', { why: 'jit could not start its background process' }, error);
  }
}
