import { fail, JitError } from '../../core/errors.ts';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before the answer was complete',
  EPIPE: 'the connection was closed before the answer was complete',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'the name could not be looked up just now',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network cannot be reached',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

const CERTIFICATE = /CERT|^UNABLE_TO_|^INVALID_CA$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/;

/** What went wrong with an exchange, from the error that Node gave; `address` is the origin that was asked. */
export function mapHttpError(
  error: unknown,
  context: { readonly address: string; readonly signal: AbortSignal },
): JitError {
  const { address, signal } = context;
  if (error instanceof JitError) return error;
  if (signal.aborted) return mapAbort(signal.reason, address);
  const code = readCode(error);
  // No cause: the parser's error carries the bytes that it choked on.
  if (code.startsWith('HPE_')) return fail('bad_answer', { address, why: 'it is not HTTP' });
  return fail('unreachable', { address, why: describe(code) }, error);
}

function mapAbort(reason: unknown, address: string): JitError {
  const timedOut = reason instanceof DOMException && reason.name === 'TimeoutError';
  return timedOut
    ? fail('unreachable', { address, why: 'timed out' }, reason)
    : fail('interrupted', { why: 'interrupted' }, reason);
}

function describe(code: string): string {
  if (CERTIFICATE.test(code)) {
    return `certificate not trusted (${code
      .toLowerCase()
      .replace(/^err_tls_/, '')
      .replaceAll('_', ' ')})`;
  }
  return WORDS[code] ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`);
}

function readCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
