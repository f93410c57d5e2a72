import { type Context, Hono } from 'hono';
import { isScope } from '../../../core/scope.ts';
import { formatInstant, SECOND_MS } from '../../../core/time.ts';
import type { ApiEnvironment } from '../../api/context.ts';
import { type RevocationStreamParts, streamRevocations } from '../../live/revocation-stream.ts';
import { buildTokenChallenge, REFUSAL_STATUS } from '../tokens/presented.ts';
import { type CheckAnswer, type CheckOptions, type CheckQuestion, check } from './check.ts';
import { findResourceServer, type ResourceServer } from './resource-servers.ts';

export type ServiceRouteOptions = CheckOptions &
  Omit<RevocationStreamParts, 'asker'> & { readonly resourceServers: readonly ResourceServer[] };

/** For services that receive grant tokens, by their name and secret: `/oauth/check` for proxies, `/oauth/revocations`. */
export function createServiceRoutes(options: ServiceRouteOptions): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  const findAsker = (c: Context) =>
    findResourceServer(options.resourceServers, c.req.header('authorization'));
  routes.post('/oauth/check', async (c) => {
    const asker = findAsker(c);
    const question = asker && readQuestion(c, asker);
    // Not 401: a proxy would hand it to the caller, who has no part in what is wrong here.
    if (!question) return refuse(c, asker ? 'invalid_request' : 'invalid_client', 400);
    return answer(c, question, await check(question, options));
  });
  routes.get('/oauth/revocations', (c) => {
    const asker = findAsker(c);
    if (asker) return streamRevocations(c, { ...options, asker });
    c.header('www-authenticate', 'Basic realm="jit revocations"');
    return refuse(c, 'invalid_client', 401);
  });
  return routes;
}

/** Undefined where the proxy leaves something out: then nothing is let through. */
function readQuestion(c: Context, asker: ResourceServer): CheckQuestion | undefined {
  const [audience, scope] = [c.req.header('jit-audience'), c.req.header('jit-scope')];
  const [method, url] = [c.req.header('jit-method'), c.req.header('jit-url')];
  if (!audience || !scope || !isScope(scope) || !method || !url || !URL.canParse(url)) return undefined;
  const [authorization, proof] = [c.req.header('jit-authorization'), c.req.header('jit-proof')];
  return { asker, audience, scope, method, url, authorization, proof };
}

function answer(c: Context, question: CheckQuestion, checked: CheckAnswer): Response {
  c.header('cache-control', 'no-store');
  if (!checked.ok) {
    const challenge = buildTokenChallenge(checked, question);
    if (challenge) c.header('www-authenticate', challenge);
    return c.json({ error: checked.error }, REFUSAL_STATUS[checked.error]);
  }
  const { sub, scope, grant_id: grantId, exp } = checked.token;
  c.header('jit-subject', toHeaderText(String(sub)));
  c.header('jit-scopes', String(scope));
  c.header('jit-grant', String(grantId));
  c.header('jit-expires-at', formatInstant(Number(exp) * SECOND_MS));
  return c.body(null, 204);
}

/** A header has no letters beyond ASCII: they, and the escape itself, are escaped as in a URL. */
function toHeaderText(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x21-\x24\x26-\x7e]/gu, encodeURIComponent);
}

function refuse(c: Context, error: string, status: 400 | 401): Response {
  c.header('cache-control', 'no-store');
  return c.json({ error }, status);
}
