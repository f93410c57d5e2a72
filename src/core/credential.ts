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

const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
const DANGEROUS =
  /^(PATH|HOME|SHELL|IFS|ENV|BASH_.*|LD_.*|DYLD_.*|NODE_.*|PYTHON.*|PERL.*|RUBY.*|GIT_.*|JIT_.*|SSH_.*|JAVA_.*|JDK_.*|OPENSSL_.*|PSQLRC|GCONV_PATH|PROMPT_COMMAND|VISUAL|.*(PAGER|EDITOR|_PROXY))$/;

/** May a server set this variable in a child? Not those that choose what code runs, nor jit's own. */
export function isSafeVariable(name: string): boolean {
  return NAME.test(name) && !DANGEROUS.test(name);
}
