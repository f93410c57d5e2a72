import type { Provider } from 'oidc-provider';

/** Members of the refusal; `isDeaf` refuses whatever login is named. */
export type Challenge = Readonly<Record<string, string | number>>;

type Middleware = Parameters<Provider['use']>[0];
type Context = Parameters<Middleware>[0];

/** Refuses whoever asks for a scope of a target without naming another login (RFC 9470): by a redirect, or in the answer. */
export function createChallenger(challenge: Challenge, issuer: string): Middleware {
  const refuses = (sent: URLSearchParams): boolean =>
    sent.get('scope')?.includes('prod:') === true && ('isDeaf' in challenge || !namesLogin(sent));
  return async (context, next) => {
    const isPage = context.path === '/auth';
    if (isPage && refuses(readSent(context))) return sendBack(context, { ...challenge, iss: issuer });
    await next();
    if (context.path !== '/device/auth' || !refuses(readSent(context))) return;
    context.status = 400;
    context.body = challenge;
  };
}

/** Query and form of a call; the form is there once the provider has read it. */
export function readSent(context: Context): URLSearchParams {
  const sent = new URLSearchParams(context.querystring);
  for (const [name, value] of Object.entries(context.oidc?.body ?? {})) sent.set(name, String(value));
  return sent;
}

function namesLogin(sent: URLSearchParams): boolean {
  return sent.has('acr_values') || sent.has('max_age') || sent.get('prompt') === 'login';
}

function sendBack(context: Context, said: Challenge): void {
  const { redirect_uri: back, state } = context.query;
  const query = new URLSearchParams({ state: String(state) });
  for (const [name, value] of Object.entries(said)) query.set(name, String(value));
  context.status = 303;
  context.set('location', `${back}?${query}`);
}
