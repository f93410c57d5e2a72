import type * as openidClient from 'openid-client';

/** The library, as a value: loaded when a login, a refresh or a logout needs it, and not before. */
export type OpenidClient = typeof openidClient;
export type { Configuration, CryptoKeyPair, CustomFetch, DPoPHandle, ServerMetadata } from 'openid-client';

export function loadOpenidClient(): Promise<OpenidClient> {
  return import('openid-client');
}
