import { fail, JitError } from '../../core/errors.ts';

// keytar hands on the text of the system's error and nothing else, so the text is all there is to judge by.
const LOCKED =
  /\blocked\b|dismissed|interaction is not allowed|no UI possible|passphrase you entered is not correct/i;
const NO_COLLECTION = /does not exist at path|no such (secret )?collection/i;
const NO_LIBRARY = /native addon|\.node\b|cannot open shared object/i;

/** What a failure of the native keychain means: `keychain_locked`, or `keychain_missing` with the reason. */
export function describeFailure(error: unknown): JitError {
  if (error instanceof JitError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (LOCKED.test(text)) return fail('keychain_locked', { why: 'it refused to open' }, error);
  return fail('keychain_missing', { why: explain(text) }, error);
}

function explain(text: string): string {
  if (NO_COLLECTION.test(text)) return 'the secret service has no default keyring and could not ask for one';
  if (NO_LIBRARY.test(text)) return 'its system library could not be loaded (libsecret-1-0 on Linux)';
  return `the secret service was not reached: ${text}`;
}
