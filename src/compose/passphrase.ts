import { readFileSync } from 'node:fs';
import { fail } from '../core/errors.ts';
import type { AskPassphrase } from '../core/ports/keychain.ts';
import type { Terminal } from '../core/ports/terminal.ts';
import { Secret } from '../core/secret.ts';

export type PassphraseParts = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Pick<Terminal, 'interactive' | 'password'>;
};

const FEWEST_CHARACTERS = 8;
const MOST_ATTEMPTS = 3;

/**
 * Where the file keychain's passphrase comes from: a descriptor, the environment, or a prompt; asked for once, and again
 * where it was wrong and somebody can type another.
 */
export function createPassphrase(parts: PassphraseParts): AskPassphrase {
  let known: Promise<Secret> | undefined;
  const keep = (asked: Promise<Secret>): Promise<Secret> => {
    known = asked.catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return async ({ isNew, refused }) => {
    if (refused === undefined || !known) return known ?? keep(read(parts, isNew));
    const current = await known;
    // Another keychain was told so meanwhile, and this is the next attempt.
    if (current !== refused) return current;
    if (!isTyped(parts)) return undefined;
    return keep(parts.terminal.password('Wrong passphrase, try again').then((text) => new Secret(text)));
  };
}

function isTyped({ environment, terminal }: PassphraseParts): boolean {
  const { JIT_KEYCHAIN_PASSPHRASE_FD: descriptor, JIT_KEYCHAIN_PASSPHRASE: passphrase } = environment;
  return descriptor === undefined && !passphrase && terminal.interactive;
}

async function read(parts: PassphraseParts, isNew: boolean): Promise<Secret> {
  const { environment, terminal } = parts;
  const given = readGiven(environment);
  if (given) {
    const complaint = isNew ? complainOf(given.reveal()) : undefined;
    if (complaint) throw fail('passphrase_needed', { why: complaint });
    return given;
  }
  if (!terminal.interactive)
    throw fail('passphrase_needed', { why: 'its passphrase is missing, and nobody can be asked here' });
  return isNew ? choose(terminal) : new Secret(await terminal.password('Passphrase of the file keychain'));
}

/** Nobody can be let in again with a passphrase that was mistyped when it was chosen. */
async function choose(terminal: Pick<Terminal, 'password'>): Promise<Secret> {
  let complaint = '';
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const again = complaint === '' ? '' : ` (${complaint})`;
    const chosen = await terminal.password(`A new passphrase for the file keychain${again}`);
    complaint = complainOf(chosen) ?? '';
    if (complaint !== '') continue;
    if ((await terminal.password('Repeat the passphrase')) === chosen) return new Secret(chosen);
    complaint = 'the passphrases do not match';
  }
  throw fail('passphrase_needed', { why: complaint, next: 'the same command asks again' });
}

function complainOf(chosen: string): string | undefined {
  return [...chosen].length < FEWEST_CHARACTERS
    ? `a new passphrase needs at least ${FEWEST_CHARACTERS} characters`
    : undefined;
}

function readGiven(environment: PassphraseParts['environment']): Secret | undefined {
  const descriptor = environment.JIT_KEYCHAIN_PASSPHRASE_FD;
  if (descriptor !== undefined) return readDescriptor(descriptor);
  const passphrase = environment.JIT_KEYCHAIN_PASSPHRASE;
  return passphrase ? new Secret(passphrase) : undefined;
}

function readDescriptor(text: string): Secret {
  try {
    const passphrase = readFileSync(Number(text), 'utf8').replace(/\r?\n$/, '');
    if (passphrase !== '') return new Secret(passphrase);
  } catch (error) {
    throw fail('passphrase_needed', { why: `descriptor ${text} cannot be read` }, error);
  }
  throw fail('passphrase_needed', { why: `descriptor ${text} is empty` });
}
