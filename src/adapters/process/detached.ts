import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fail } from '../../core/errors.ts';

/** All that a program without a terminal needs to find its folders and the keychain; secrets are not among it. */
const KEPT =
  /^(HOME|USER|LOGNAME|PATH|LANG|LC_ALL|TZ|TMPDIR|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|JIT_CONFIG_DIR|JIT_STATE_DIR|JIT_KEYCHAIN)$/;
const FOLDER = /^JIT_(CONFIG|STATE)_DIR$/;

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
      env: keepSome(environment),
    });
    await once(child, 'spawn');
    child.unref();
  } catch (error) {
    throw fail('failed', { why: 'jit could not start its background process' }, error);
  }
}

function keepSome(environment: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => KEPT.test(name));
  // Named from the folder that this program began in; the other one begins elsewhere.
  return Object.fromEntries(
    kept.map(([name, text]) => [name, FOLDER.test(name) && text ? resolve(text) : text]),
  );
}
