import { fail } from '../core/errors.ts';
import type { VerifiedToken } from './verifier.ts';

const tokens = new WeakMap<object, VerifiedToken>();

/** Kept beside the request, not in it: no framework has to be told of a new property. */
export function noteToken(request: object, token: VerifiedToken): void {
  tokens.set(request, token);
}

/** The token of a request that a guard let through; `failed` where no guard stands in front of it. */
export function tokenOf(request: object): VerifiedToken {
  const token = tokens.get(request) ?? tokens.get(findRaw(request));
  if (token) return token;
  throw fail('failed', { why: 'no guard of jit has seen this request' });
}

/** Fastify and Hono wrap the request; Hono's handlers get a context around that. */
function findRaw(request: object): object {
  const wrapped = 'req' in request && isObject(request.req) ? request.req : request;
  return 'raw' in wrapped && isObject(wrapped.raw) ? wrapped.raw : wrapped;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
