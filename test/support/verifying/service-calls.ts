import { signTokenProof } from '../../../src/adapters/backends/dpop-proof.ts';
import type { Secret } from '../../../src/core/secret.ts';
import { SERVICE_SECRET, type Someone } from '../programs/jit-server.ts';

export const ORDERS = 'https://orders-api.example.com';
export const ORDERS_URL = `${ORDERS}/orders`;

export function basic(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(name)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

type Headers = Readonly<Record<string, string>>;

/** What a proxy in front of the sample service asks about `GET /orders`. */
export async function askCheck(url: string, headers: Headers, without?: string): Promise<Response> {
  const all: Record<string, string> = {
    authorization: basic('orders-api', SERVICE_SECRET.reveal()),
    'jit-audience': ORDERS,
    'jit-scope': 'prod:api.read',
    'jit-method': 'GET',
    'jit-url': ORDERS_URL,
    ...headers,
  };
  if (without) delete all[without];
  const response = await fetch(`${url}/oauth/check`, { method: 'POST', headers: all });
  await response.arrayBuffer();
  return response;
}

/** A proof for a call of the sample service, by the key of a session. */
export async function proveCall(
  { session }: Someone,
  token: Secret,
  changes: { readonly method?: string; readonly url?: string; readonly at?: number } = {},
): Promise<string> {
  const { method = 'GET', url = ORDERS_URL, at = Date.now() } = changes;
  const signed = await signTokenProof({ key: session.dpopKey, token, method, url: new URL(url), at });
  return signed.proof.reveal();
}
