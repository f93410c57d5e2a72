import { Hono } from 'hono';
import { listHistory, listScopes, readStatus } from '../../broker/query.ts';
import { formatInstant } from '../../core/time.ts';
import type { StatusView } from '../../core/view.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeScope } from '../../core/wire/messages.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import { LONGEST_HISTORY } from '../limits.ts';
import { readCount } from '../respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';

/** What concerns the caller: who they are, what they may ask for, what they hold and held. */
export function buildPeopleRoutes({ broker, authenticate }: ApiParts): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();

  app.get('/v1/me', async (c) => {
    const { principal, login } = await authenticate(c);
    return c.json({ ...principal, login: { method: login.method, at: formatInstant(login.at) } });
  });

  app.get('/v1/scopes', async (c) =>
    c.json({ scopes: listScopes(broker, await authenticate(c)).map(encodeScope) }),
  );

  app.get('/v1/status', async (c) => c.json(encodeStatus(await readStatus(broker, await authenticate(c)))));

  app.get('/v1/history', async (c) => {
    const asker = await authenticate(c);
    const limit = readCount(c, 'limit', { fallback: 20, most: LONGEST_HISTORY });
    return c.json(encodeStatus(await listHistory(broker, asker, limit)));
  });

  return app;
}

function encodeStatus(view: StatusView): object {
  return {
    as_of: formatInstant(view.asOf),
    requests: view.requests.map(encodeRequest),
    grants: view.grants.map(encodeGrant),
  };
}
