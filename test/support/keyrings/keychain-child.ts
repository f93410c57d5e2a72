import { openKeytarKeychain } from '../../../src/adapters/keychain/keytar.ts';
import { JitError } from '../../../src/core/errors.ts';
import type { Keychain } from '../../../src/core/ports/keychain.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { KeychainAnswer, KeychainCall } from './remote-keychain.ts';

// A process that has a real keychain of its own and does what its parent asks: see remote-keychain.ts.
const keychain = openKeytarKeychain({ folder: process.argv[2] ?? '' });

async function perform(target: Keychain, call: KeychainCall): Promise<string | number | boolean | undefined> {
  switch (call.method) {
    case 'probe':
      await target.probe();
      return undefined;
    case 'set':
      await target.set({ ...call.item, secret: new Secret(call.text), expiresAt: call.expiresAt });
      return undefined;
    case 'get':
      return (await target.get(call.item))?.reveal();
    case 'remove':
      return target.remove(call.item);
    case 'removeExpired':
      return target.removeExpired(call.now);
  }
}

process.on('message', async (message: { readonly id: number; readonly call: KeychainCall }) => {
  const { id, call } = message;
  const answer: KeychainAnswer = await perform(keychain, call).then(
    (value) => ({ id, value }),
    (error: unknown) => ({
      id,
      error:
        error instanceof JitError
          ? { code: error.code, message: error.message, hint: error.hint }
          : { code: 'not a JitError', message: String(error), hint: '' },
    }),
  );
  process.send?.(answer);
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
