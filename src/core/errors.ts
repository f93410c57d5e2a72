import { catalogue, type Row } from './error-catalogue.ts';
import type { LoginDemand } from './step-up.ts';

export type ErrorCode = keyof typeof catalogue;
type Params<C extends ErrorCode> = (typeof catalogue)[C] extends Row<infer P> ? P : never;

/** What a program does next is in `exit`; what a person does next is in `hint`, a command to type where there is one. */
export type ErrorText = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Of `step_up_needed`: the login that is asked for. */
  readonly demand?: LoginDemand | undefined;
  /** When it is worth trying again, where that is known. */
  readonly afterSeconds?: number | undefined;
};

/** The only error class of jit. Made by `fail` from the catalogue, or by `failAs` from a server's answer. */
export class JitError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly demand: LoginDemand | undefined;
  readonly afterSeconds: number | undefined;

  constructor(text: ErrorText, cause?: unknown) {
    super(text.message, cause === undefined ? undefined : { cause });
    this.name = 'JitError';
    this.code = text.code;
    this.hint = text.hint;
    this.demand = text.demand;
    this.afterSeconds = text.afterSeconds;
  }

  /** The process's exit code for this error (docs/errors.md). */
  get exitCode(): number {
    return catalogue[this.code].exit;
  }

  /** The HTTP status that carries this error over the wire. */
  get status(): number {
    return catalogue[this.code].status;
  }
}

/** The error for a row of the catalogue. It is returned, so that callers write `throw fail(…)`. */
export function fail<C extends ErrorCode>(code: C, params: Params<C>, cause?: unknown): JitError {
  const row = catalogue[code] as Row<Params<C>>;
  const { demand, afterSeconds } = params as Pick<ErrorText, 'demand' | 'afterSeconds'>;
  const text = { code, message: row.message(params), hint: row.hint(params), demand, afterSeconds };
  return new JitError(text, cause);
}

/** The error that a server described in its own words; codes that this program does not know become `failed`. */
export function failAs(text: {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly demand?: LoginDemand | undefined;
}): JitError {
  const code = isErrorCode(text.code) ? text.code : 'failed';
  return new JitError({ code, message: text.message, hint: text.hint, demand: text.demand });
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalogue, code);
}

export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is JitError {
  return error instanceof JitError && codes.includes(error.code);
}
