export { guardExpress } from './verify/express.ts';
export { guardFastify } from './verify/fastify.ts';
export { guardHono } from './verify/hono.ts';
export { guardHttp } from './verify/http.ts';
export type { VerifierOptions } from './verify/options.ts';
export { tokenOf } from './verify/token-of.ts';
export {
  createVerifier,
  type IncomingCall,
  type Verdict,
  type VerifiedToken,
  type Verifier,
  type Wanted,
} from './verify/verifier.ts';
