import { createRequire } from 'node:module';
import { fail } from '../../core/errors.ts';

/** Cedar's functions, as its Node build exports them. */
export type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs');

const require = createRequire(import.meta.url);

/**
 * A fresh instance of Cedar with a memory of its own (about 10 ms). Parsed rules live in that memory and cannot be
 * removed, and a crash leaves it unusable: so every engine has its own instance, and a crashed one is thrown away.
 */
export function loadCedar(): Cedar {
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs');
  delete require.cache[path];
  const cedar = require(path) as Cedar;
  delete require.cache[path];
  return cedar;
}

/** Cedar itself broke while reading rules: nested too deeply, most likely. */
export function failCrashed(at: string, cause: unknown): Error {
  const why = `Cedar cannot read this: it may be nested too deeply (${String(cause)})`;
  return fail('config_invalid', { at, why }, cause);
}
