import { type Context, Hono } from 'hono';
import { TOKEN_FORM_BYTES } from '../../../core/limits.ts';
import { limitBody } from '../../http/body-limit.ts';
import { readUrlEncoded } from '../../http/form.ts';
import { type IntrospectionOptions, introspect } from './introspection.ts';
import { findResourceServer, type ResourceServer } from './resource-servers.ts';
import { type RevocationOptions, revoke } from './revocation.ts';

export type TokenRouteOptions = IntrospectionOptions &
  RevocationOptions & {
    readonly resourceServers: readonly ResourceServer[];
    readonly clientIds: readonly string[];
  };

/** `/oauth/introspect` and `/oauth/revoke`: jit's own, because the provider does not know grant tokens. */
export function createTokenRoutes(options: TokenRouteOptions): Hono {
  const routes = new Hono();
  routes.use(
    '/oauth/*',
    limitBody({ maxSize: TOKEN_FORM_BYTES, onError: (c) => refuse(c, 'invalid_request', 413) }),
  );
  routes.post('/oauth/introspect', (c) => answerIntrospection(c, options));
  routes.post('/oauth/revoke', (c) => answerRevocation(c, options));
  return routes;
}

async function answerIntrospection(c: Context, options: TokenRouteOptions): Promise<Response> {
  const asker = findResourceServer(options.resourceServers, c.req.header('authorization'));
  if (!asker) {
    c.header('www-authenticate', 'Basic realm="jit introspection"');
    return refuse(c, 'invalid_client', 401);
  }
  const token = (await readUrlEncoded(c))?.get('token');
  if (!token) return refuse(c, 'invalid_request', 400);
  return answer(c, await introspect({ token, asker }, options));
}

async function answerRevocation(c: Context, options: TokenRouteOptions): Promise<Response> {
  const form = await readUrlEncoded(c);
  const token = form?.get('token');
  const clientId = form?.get('client_id');
  if (!token) return refuse(c, 'invalid_request', 400);
  if (!clientId || !options.clientIds.includes(clientId)) return refuse(c, 'invalid_client', 401);
  await revoke({ token, clientId }, options);
  return answer(c, {});
}

function answer(c: Context, body: object): Response {
  c.header('cache-control', 'no-store');
  return c.json(body);
}

function refuse(c: Context, error: string, status: 400 | 401 | 413): Response {
  c.header('cache-control', 'no-store');
  return c.json({ error }, status);
}
