import type { Engineer } from '../client/engineer.ts';
import { hasCode } from '../core/errors.ts';
import type { DevicePrompt } from '../core/ports/session.ts';
import type { Spinner } from '../core/ports/terminal.ts';
import type { PersonView } from '../core/view.ts';
import type { World } from './world.ts';

export type LogInOptions = { readonly shouldOpen: boolean };

/** The device login as a person sees it: code, address, QR code, browser, a line that waits. */
export async function logIn(world: World, engineer: Engineer, options: LogInOptions): Promise<PersonView> {
  let spinner: Spinner | undefined;
  try {
    const person = await engineer.login({
      signal: world.interrupt.signal,
      show: (prompt) => {
        showPrompt(world, prompt);
        if (options.shouldOpen) void openBrowser(world, prompt);
        spinner = world.terminal.startSpinner('waiting for you to confirm the code');
      },
    });
    spinner?.succeed(`logged in as ${world.terminal.paint.strong(person.name)} on ${engineer.server}`);
    return person;
  } catch (error) {
    spinner?.stop();
    throw error;
  }
}

/** The code is always shown, also when the complete link is opened: it is what the page asks to compare (DEV-08). */
function showPrompt(world: World, prompt: DevicePrompt): void {
  const { paint, tell, drawQr } = world.terminal;
  const link = prompt.verificationUriComplete ?? prompt.verificationUri;
  const qr = drawQr(link);
  for (const line of qr === '' ? [] : qr.split('\n')) tell(line);
  tell(`  code     ${paint.strong(prompt.userCode)}`);
  tell(`  address  ${paint.accent(prompt.verificationUri)}`);
}

async function openBrowser(world: World, prompt: DevicePrompt): Promise<void> {
  await world.browser.open(prompt.verificationUriComplete ?? prompt.verificationUri);
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
