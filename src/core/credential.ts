import type { Secret } from './secret.ts';

/**
 * What a child process needs to use a grant, independent of the kind of target: `jit exec` hands it over
 * without knowing any kind. Only `Secret`s are secret; the rest may be shown.
 */
export type Credential = {
  readonly environment: Readonly<Record<string, string>>;
  readonly secretEnvironment: Readonly<Record<string, Secret>>;
  readonly secretFiles: readonly SecretFile[];
  /** Inherited variables that would override these; removed first. */
  readonly removes: readonly string[];
};

/** `variable` is set to the path of a file with this content; where no such file can be, `instead` is set. */
export type SecretFile = {
  readonly variable: string;
  readonly content: Secret;
  readonly instead: { readonly variable: string; readonly value: Secret };
};

export const EMPTY_CREDENTIAL: Credential = {
  environment: {},
  secretEnvironment: {},
  secretFiles: [],
  removes: [],
};

/** What the credential of each kind of target may set in a child. A new kind adds its names here. */
const SETTABLE: Readonly<Record<string, readonly string[]>> = {
  token: [],
  postgres: [
    'PGHOST',
    'PGPORT',
    'PGDATABASE',
    'PGUSER',
    'PGPASSFILE',
    'PGPASSWORD',
    'PGAPPNAME',
    'PGSSLMODE',
  ],
};

const settable: ReadonlySet<string> = new Set(Object.values(SETTABLE).flat());

/** May a server set this variable in a child? A list of what it may: nobody can list all that choose what code runs. */
export function isSettableVariable(name: string): boolean {
  return settable.has(name);
}

const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
const NEEDED =
  /^(PATH|HOME|SHELL|IFS|ENV|BASH_.*|LD_.*|DYLD_.*|NODE_.*|PYTHON.*|PERL.*|RUBY.*|GIT_.*|JIT_.*|SSH_.*|JAVA_.*|JDK_.*|OPENSSL_.*|PSQLRC|GCONV_PATH|PROMPT_COMMAND|VISUAL|.*(PAGER|EDITOR|_PROXY))$/;

/** May a server have this inherited variable removed? Not those that how a child runs depends on, nor jit's own. */
export function isRemovableVariable(name: string): boolean {
  return NAME.test(name) && !NEEDED.test(name);
}
