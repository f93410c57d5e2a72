import { readFileSync } from 'node:fs';
import { fail } from '../core/errors.ts';
import type { AskPassphrase } from '../core/ports/keychain.ts';
import type { Terminal } from '../core/ports/terminal.ts';
import { Secret } from '../core/secret.ts';

export type PassphraseParts = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Pick<Terminal, 'interactive' | 'password'>;
};

/** Where the file keychain's passphrase comes from: a descriptor, the environment, or a prompt; asked for once. */
export function createPassphrase(parts: PassphraseParts): AskPassphrase {
  let known: Promise<Secret> | undefined;
  return ({ isNew }) => {
    known ??= read(parts, isNew).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function read({ environment, terminal }: PassphraseParts, isNew: boolean): Promise<Secret> {
  const descriptor = environment.JIT_KEYCHAIN_PASSPHRASE_FD;
  if (descriptor !== undefined) return readDescriptor(descriptor);
  const passphrase = environment.JIT_KEYCHAIN_PASSPHRASE;
  if (passphrase) return new Secret(passphrase);
  if (!terminal.interactive) throw fail('passphrase_needed', { why: 'there is no terminal to ask on' });
  return isNew ? choose(terminal) : new Secret(await terminal.password('Passphrase of the file keychain'));
}

/** Nobody can be let in again with a passphrase that was mistyped when it was chosen. */
async function choose(terminal: Pick<Terminal, 'password'>): Promise<Secret> {
  const chosen = await terminal.password('A new passphrase for the file keychain');
  const repeated = await terminal.password('The same once more');
  if (chosen === repeated) return new Secret(chosen);
  throw fail('passphrase_needed', { why: 'the two that were typed differ' });
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
