import { readFileSync } from 'node:fs';
import { fail } from '../core/errors.ts';
import type { Terminal } from '../core/ports/terminal.ts';
import { Secret } from '../core/secret.ts';

export type PassphraseParts = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Pick<Terminal, 'interactive' | 'password'>;
};

/** Where the file keychain's passphrase comes from: a descriptor, the environment, or a prompt; asked for once. */
export function createPassphrase(parts: PassphraseParts): () => Promise<Secret> {
  let known: Promise<Secret> | undefined;
  return () => {
    known ??= read(parts).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function read({ environment, terminal }: PassphraseParts): Promise<Secret> {
  const descriptor = environment.JIT_KEYCHAIN_PASSPHRASE_FD;
  if (descriptor !== undefined) return readDescriptor(descriptor);
  const passphrase = environment.JIT_KEYCHAIN_PASSPHRASE;
  if (passphrase) return new Secret(passphrase);
  if (!terminal.interactive) throw fail('passphrase_needed', { why: 'there is no terminal to ask on' });
  return new Secret(await terminal.password('Passphrase of the file keychain'));
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
