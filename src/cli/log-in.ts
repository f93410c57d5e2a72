import type { Engineer } from '../client/engineer.ts';
import type { LoginPrompt } from '../client/login.ts';
import { hasCode } from '../core/errors.ts';
import type { DevicePrompt, LoginWay } from '../core/ports/session.ts';
import type { Spinner } from '../core/ports/terminal.ts';
import type { LoginDemand } from '../core/step-up.ts';
import type { PersonView } from '../core/view.ts';
import { tellOthers } from './giving-back/others-text.ts';
import type { World } from './world.ts';

export type LogInOptions = {
  readonly shouldOpen: boolean;
  /** Null: as before. */
  readonly way: LoginWay | null;
  readonly demand?: LoginDemand | undefined;
};

/** A login as a person sees it: where to say yes, the browser, a line that waits. A workload sees the last line only. */
export async function logIn(world: World, engineer: Engineer, options: LogInOptions): Promise<PersonView> {
  const { way, demand, shouldOpen } = options;
  const { startSpinner, tell, paint } = world.terminal;
  let spinner: Spinner | undefined;
  try {
    const person = await engineer.login({
      way,
      demand,
      signal: world.interrupt.signal,
      show: (prompt) => {
        const address = showPrompt(world, prompt);
        if (shouldOpen) void world.browser.open(address);
        spinner = startSpinner(WAITING[prompt.kind]);
      },
    });
    const done = `logged in as ${paint.strong(person.name)} on ${engineer.server}`;
    if (spinner) spinner.succeed(done);
    else tell(`${paint.good('✔')} ${done}`);
    tellOthers(world, await engineer.listOthers());
    return person;
  } catch (error) {
    spinner?.stop();
    throw error;
  }
}

const WAITING: Readonly<Record<LoginPrompt['kind'], string>> = {
  device: 'waiting for you to confirm the code',
  browser: 'waiting for you to confirm it in the browser',
};

/** Shows where to go on, and returns the address to open. */
function showPrompt(world: World, prompt: LoginPrompt): string {
  if (prompt.kind === 'device') return showCode(world, prompt);
  const { paint, tell } = world.terminal;
  tell('  Log in in a browser on this computer:');
  tell(`  ${paint.accent(prompt.address)}`);
  return prompt.address;
}

/** The code is always shown, also when the complete link is opened: it is what the page asks to compare (DEV-08). */
function showCode(world: World, prompt: DevicePrompt): string {
  const { paint, tell, drawQr } = world.terminal;
  const link = prompt.verificationUriComplete ?? prompt.verificationUri;
  const qr = drawQr(link);
  for (const line of qr === '' ? [] : qr.split('\n')) tell(line);
  tell(`  code     ${paint.strong(prompt.userCode)}`);
  tell(`  address  ${paint.accent(prompt.verificationUri)}`);
  return link;
}

/** Offers the encrypted file where there is no usable keychain and somebody to choose it. True when it was chosen. */
export async function offerFileKeychain(world: World, server: string, error: unknown): Promise<boolean> {
  if (!world.terminal.interactive || !hasCode(error, 'keychain_missing', 'keychain_locked')) return false;
  world.terminal.tell(error.message);
  const question = 'Keep secrets in encrypted files under a passphrase instead?';
  if (!(await world.terminal.confirm(question, { fallback: false }))) return false;
  await world.chooseFileKeychain(server);
  return true;
}
