import { fork } from 'node:child_process';
import { join } from 'node:path';
import { failAs } from '../../../src/core/errors.ts';
import type { Keychain, KeychainItem } from '../../../src/core/ports/keychain.ts';
import { Secret } from '../../../src/core/secret.ts';

export type KeychainCall =
  | { readonly method: 'probe' }
  | {
      readonly method: 'set';
      readonly item: KeychainItem;
      readonly text: string;
      readonly expiresAt: number | null;
    }
  | { readonly method: 'get'; readonly item: KeychainItem }
  | { readonly method: 'remove'; readonly item: KeychainItem }
  | { readonly method: 'removeExpired'; readonly now: number };

export type KeychainAnswer = {
  readonly id: number;
  readonly value?: string | number | boolean | undefined;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
};

export type RemoteKeychain = { readonly keychain: Keychain; readonly close: () => Promise<void> };

type Waiting = PromiseWithResolvers<KeychainAnswer>;

/** A real keychain in a process of its own, under `environment`: native code reads that once, at its start. */
export function startRemoteKeychain(options: {
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
}): RemoteKeychain {
  const program = join(import.meta.dirname, 'keychain-child.ts');
  const child = fork(program, [options.folder], { env: { ...options.environment }, execArgv: [] });
  const waiting = new Map<number, Waiting>();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.on('message', (answer: KeychainAnswer) => waiting.get(answer.id)?.resolve(answer));
  child.once('exit', (code, signal) => {
    for (const one of waiting.values())
      one.reject(new Error(`the keychain's process ended: ${code} ${signal}`));
  });
  let lastId = 0;

  async function ask(call: KeychainCall): Promise<KeychainAnswer['value']> {
    lastId += 1;
    const id = lastId;
    const reply = Promise.withResolvers<KeychainAnswer>();
    waiting.set(id, reply);
    child.send({ id, call });
    const answer = await reply.promise.finally(() => waiting.delete(id));
    if (answer.error) throw failAs(answer.error);
    return answer.value;
  }

  const close = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { keychain: buildKeychain(ask), close };
}

function buildKeychain(ask: (call: KeychainCall) => Promise<KeychainAnswer['value']>): Keychain {
  return {
    kind: 'os',
    probe: async () => {
      await ask({ method: 'probe' });
    },
    set: async (entry) => {
      const { service, account, expiresAt } = entry;
      await ask({ method: 'set', item: { service, account }, text: entry.secret.reveal(), expiresAt });
    },
    get: async ({ service, account }) => {
      const text = await ask({ method: 'get', item: { service, account } });
      return typeof text === 'string' ? new Secret(text) : undefined;
    },
    remove: async ({ service, account }) =>
      (await ask({ method: 'remove', item: { service, account } })) === true,
    removeExpired: async (now) => Number(await ask({ method: 'removeExpired', now })),
  };
}
