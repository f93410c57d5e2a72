import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NGINX, type Nginx, startNginx } from '../support/nginx.ts';
import {
  type JitServer,
  SERVICE_SECRET,
  type Someone,
  startJitServer,
} from '../support/programs/jit-server.ts';
import { hasTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { buildServiceTargets, claimService } from '../support/verifying/protected-target.ts';
import { ORDERS, proveCall } from '../support/verifying/service-calls.ts';

/** A location that wants another scope, and one whose author forgot to say which. */
const buildMore = (service: string) => `
  location /writes {
    set $jit_scope prod:api.write;
    auth_request /_jit/check;
    auth_request_set $jit_challenge $upstream_http_www_authenticate;
    error_page 403 @jit_scope;
    proxy_pass ${service};
  }
  location /forgotten {
    auth_request /_jit/check;
    error_page 500 @jit_away;
    proxy_pass ${service};
  }
`;

describe.runIf(hasTool([NGINX, '-v'], 'nginx'))('nginx with the recipe', () => {
  let jit: JitServer;
  let dev: Someone;
  let nginx: Nginx;
  let seen: IncomingHttpHeaders[];
  let serviceUrl = '';
  let isJitThere = true;
  const service = createServer((request, response) => {
    seen.push(request.headers);
    response.end('orders');
  });

  beforeAll(async () => {
    seen = [];
    jit = await startJitServer({ config: buildServiceTargets() });
    dev = await jit.logIn('dev');
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const address = service.address();
    serviceUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    nginx = await startNginx({ ...buildOptions(jit), more: buildMore(serviceUrl) });
  });

  const buildOptions = ({ url }: JitServer) => ({
    jit: url,
    secret: SERVICE_SECRET.reveal(),
    service: serviceUrl,
  });

  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
    service.closeAllConnections();
    service.close();
    if (isJitThere) await jit[Symbol.asyncDispose]();
  });

  async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
    const response = await fetch(nginx.url + path, { headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  async function claim() {
    const claimed = await claimService(dev);
    return { grant: claimed.grant, headers: { authorization: `Bearer ${claimed.token.reveal()}` } };
  }

  it('lets the holder of a grant through, and tells the service who it is and not the token', async () => {
    const { headers, grant } = await claim();
    expect(await get('/orders?page=2', { ...headers, 'jit-subject': 'dev:admin' })).toMatchObject({
      status: 200,
      text: 'orders',
    });
    expect(seen.at(-1)).toMatchObject({ 'jit-subject': 'dev:dev', 'jit-grant': grant.id });
    expect(seen.at(-1)).not.toHaveProperty('authorization');
  });

  it('lets no header of the caller’s pass for one of jit’s', async () => {
    const { headers, grant } = await claim();
    const names = ['jit-subject', 'jit-scopes', 'jit-grant', 'jit-expires-at'];
    const forged = Object.fromEntries(names.map((name) => [name, 'forged']));
    expect((await get('/orders', { ...headers, ...forged })).status).toBe(200);
    expect(seen.at(-1)).toMatchObject({ 'jit-scopes': 'prod:api.read', 'jit-grant': grant.id });
    expect(Object.values(seen.at(-1) ?? {})).not.toContain('forged');
  });

  it('refuses without a token and with a bad one, and says how to come again', async () => {
    const before = seen.length;
    const none = await get('/orders');
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toMatch(/^Bearer realm="https:\/\/orders-api/);
    expect((await get('/orders', { authorization: 'Bearer bad' })).status).toBe(401);
    expect(seen.length).toBe(before);
  });

  it('refuses another scope with 403 and its name', async () => {
    const { headers } = await claim();
    const refused = await get('/writes', headers);
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('scope="prod:api.write"');
  });

  it('is closed where no scope is said, whatever the caller says', async () => {
    const { headers } = await claim();
    const own = { 'jit-scope': 'prod:api.read', 'jit-audience': ORDERS };
    expect((await get('/forgotten', { ...headers, ...own })).status).toBe(503);
  });

  it('gives nobody the question itself', async () => {
    const { headers } = await claim();
    expect((await get('/_jit/check', headers)).status).toBe(404);
  });

  it('refuses within a second after the grant was given back', async () => {
    const { headers, grant } = await claim();
    expect((await get('/orders', headers)).status).toBe(200);
    await dev.backend.revoke(grant.id, 'done');
    await until('refused', async () => (await get('/orders', headers)).status === 401, 1_000);
  });

  it('TOK-03: takes a bound token with a proof for this request, once', async () => {
    await using bound = await startJitServer({ config: buildServiceTargets({ isBound: true }) });
    const holder = await bound.logIn('dev');
    await using front = await startNginx(buildOptions(bound));
    const { token } = await claimService(holder);
    const dpop = await proveCall(holder, token, { url: `${ORDERS}/orders` });
    const send = (authorization: string) =>
      fetch(`${front.url}/orders?page=2`, { headers: { authorization, dpop } });
    expect((await send(`DPoP ${token.reveal()}`)).status).toBe(200);
    expect((await send(`DPoP ${token.reveal()}`)).status).toBe(401);
    expect((await send(`Bearer ${token.reveal()}`)).status).toBe(401);
  });

  it('is closed while the server is away', async () => {
    const { headers } = await claim();
    expect((await get('/orders', headers)).status).toBe(200);
    isJitThere = false;
    await jit[Symbol.asyncDispose]();
    const refused = await get('/orders', headers);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await nginx.readLog()).not.toContain(headers.authorization);
  });
});
