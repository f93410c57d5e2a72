import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { createFormBrowser, type FormBrowser, type VisitedPage } from '../../src/adapters/form-browser.ts';
import { TEST_PIN } from './oauth-server.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** A key that proofs are made with. */
export type ProofKey = { readonly privateKey: CryptoKey; readonly jwk: JWK; readonly alg: string };

export async function makeProofKey(alg = 'ES256'): Promise<ProofKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { privateKey: pair.privateKey, jwk: await exportJWK(pair.publicKey), alg };
}

/** A proof as RFC 9449 wants it; a test changes single parts. */
export async function makeProof(
  key: ProofKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return new SignJWT({ jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk, ...header })
    .sign(key.privateKey);
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export async function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
}

/** Asks for a device code as jit's client. */
export async function startDevice(
  url: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<{ readonly deviceCode: string; readonly userCode: string; readonly body: Answer['body'] }> {
  const { body } = await postForm(`${url}/oauth/device`, {
    client_id: 'jit-cli',
    scope: 'openid offline_access',
    ...fields,
  });
  return { deviceCode: String(body.device_code), userCode: String(body.user_code), body };
}

/** One request at the token endpoint with a fresh proof by `key`. */
export async function askToken(
  url: string,
  key: ProofKey,
  fields: Readonly<Record<string, string>>,
): Promise<Answer> {
  const proof = await makeProof(key, { htm: 'POST', htu: `${url}/oauth/token` });
  return postForm(`${url}/oauth/token`, { client_id: 'jit-cli', ...fields }, { dpop: proof });
}

export function poll(url: string, key: ProofKey, deviceCode: string): Promise<Answer> {
  return askToken(url, key, { grant_type: DEVICE_GRANT, device_code: deviceCode });
}

/** Opens the page with the code and says who is there, or, logged in already, continues; stops at the question. */
export async function openConfirmation(
  url: string,
  userCode: string,
  options: { readonly browser?: FormBrowser; readonly user?: string } = {},
): Promise<{ readonly browser: FormBrowser; readonly page: VisitedPage }> {
  const browser = options.browser ?? createFormBrowser();
  const first = await browser.get(`${url}/device?user_code=${encodeURIComponent(userCode)}`);
  if (!('pin' in first.fields)) return { browser, page: await browser.submit(first, {}) };
  const page = await browser.submit(first, { user: options.user ?? 'dev', pin: TEST_PIN });
  return { browser, page };
}

export async function approve(url: string, userCode: string, user = 'dev'): Promise<VisitedPage> {
  const { browser, page } = await openConfirmation(url, userCode, { user });
  return browser.submit(page, { decision: 'approve' });
}

/** A whole device login. */
export async function logIn(url: string, key: ProofKey): Promise<Readonly<Record<string, string>>> {
  const { deviceCode, userCode } = await startDevice(url, { jit_host: 'laptop' });
  await approve(url, userCode);
  const { body } = await poll(url, key, deviceCode);
  return body as Readonly<Record<string, string>>;
}

/** `GET /v1/me` with a fresh proof. */
export async function askMe(url: string, key: ProofKey, accessToken: string): Promise<Response> {
  const proof = await makeProof(key, { htm: 'GET', htu: `${url}/v1/me`, ath: hashToken(accessToken) });
  return fetch(`${url}/v1/me`, { headers: { authorization: `DPoP ${accessToken}`, dpop: proof } });
}
