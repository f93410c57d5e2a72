import process from 'node:process';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { createTerminal } from '../../../src/adapters/terminal/terminal.ts';
import { JitError } from '../../../src/core/errors.ts';
import type { ChildOrder } from '../../../src/core/ports/processes.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { ExecOrder } from './real.ts';

async function askSomething(): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  const terminal = await createTerminal({ stdin, stdout, stderr, environment: env });
  await terminal.input({ message: 'Why?' });
}

/** A file, and another that names it. */
function nest(content: string): ChildOrder['buildMore'] {
  return (place) => {
    const path = place(new Secret(content));
    return { JIT_CREDENTIAL_FILE: path, JIT_CREDENTIAL_NOTE: place(new Secret(path)) };
  };
}

/** `jit exec` reduced to its child: see `buildExec`. */
async function main(order: ExecOrder): Promise<number> {
  const processes = createProcesses({
    environment: process.env,
    jitPath: process.argv[1] ?? '',
    ...(order.platform ? { platform: order.platform } : {}),
    ...(order.secretFolders ? { secretFolders: order.secretFolders } : {}),
  });
  const secret = new Secret(order.secret ?? '');
  const file = {
    variable: 'PGPASSFILE',
    content: secret,
    instead: { variable: 'PGPASSWORD', value: secret },
  };
  // What the rest of a program might do with the signal must not happen while a child runs.
  process.on('SIGINT', () => process.stderr.write('jit took SIGINT\n'));
  try {
    if (order.asksFirst) await askSomething();
    const child = await processes.start({
      command: order.command,
      args: order.args ?? [],
      environment: processes.environment,
      onExposed: (variable) => process.stderr.write(`exposed in ${variable}\n`),
      secretFiles: order.secret === undefined ? [] : [file],
      buildMore: order.nested === undefined ? undefined : nest(order.nested),
    });
    const { exitCode } = await child.ended;
    return exitCode;
  } catch (error) {
    if (!(error instanceof JitError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return error.exitCode;
  }
}

process.exitCode = await main(JSON.parse(process.argv[2] ?? '{}'));
