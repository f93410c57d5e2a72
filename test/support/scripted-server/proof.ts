import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  EmbeddedJWK,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import type { SeenCall } from './server.ts';

export type CheckedProof = { readonly payload: JWTPayload; readonly thumbprint: string };

/** The proof that came with a call, its signature verified by the key inside it. */
export async function checkProof(call: SeenCall | undefined): Promise<CheckedProof> {
  const proof = String(call?.headers.dpop ?? '');
  const { jwk } = decodeProtectedHeader(proof);
  if (!jwk || 'd' in jwk) throw new Error('a proof carries the public key, and only that');
  // Its time is looked at by the test: the clock of a test is not the one of this machine.
  const currentDate = new Date(Number(decodeJwt(proof).iat) * 1000);
  const { payload } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: ['ES256'],
    currentDate,
  });
  return { payload, thumbprint: await calculateJwkThumbprint(jwk) };
}
