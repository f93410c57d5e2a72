import * as v from 'valibot';
import * as field from '../fields.ts';
import { defineBackendKind } from './backend-kind.ts';
import { buildPatience, encodePatience, patienceEntries } from './patience.ts';

const MOST_WORDS = 64;

/** What jit reads secrets from itself is nobody else's. */
const KEPT_BACK = /^JIT_KEYCHAIN_PASSPHRASE/;

const word = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.check((text) => !text.includes('\0'), 'must not have a NUL in it'),
);
const variable = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of a variable'),
  v.check((name) => !KEPT_BACK.test(name), 'is never handed on'),
);

/** `backend = "exec"`: a program that speaks JSON-RPC over stdio (docs/plugins.md). */
export const execBackend = defineBackendKind({
  name: 'exec',
  matches: (backend) => backend === 'exec',
  entries: {
    command: field.path,
    args: v.optional(v.pipe(v.array(word), v.maxLength(MOST_WORDS)), []),
    sha256: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[0-9a-f]{64}$/, 'must be 64 digits of 0-9 and a-f: sha256sum prints them'),
      ),
    ),
    environment: v.optional(v.pipe(v.array(variable), v.maxLength(MOST_WORDS)), []),
    ...patienceEntries,
  },
  findServer: (_, profile) => `plugin://${profile}`,
  build: (file) => ({
    kind: 'exec',
    command: file.command,
    args: file.args,
    sha256: file.sha256 ?? null,
    environment: file.environment,
    ...buildPatience(file),
  }),
  encode: (choice) => {
    if (choice.kind !== 'exec') return undefined;
    return {
      backend: 'exec',
      command: choice.command,
      args: [...choice.args],
      ...(choice.sha256 === null ? {} : { sha256: choice.sha256 }),
      environment: [...choice.environment],
      ...encodePatience(choice),
    };
  },
});
