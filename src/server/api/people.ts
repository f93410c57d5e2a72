import { Hono } from 'hono';
import { listScopes } from '../../broker/request/scopes.ts';
import { listHistory, readStatus } from '../../broker/view/query.ts';
import { fail } from '../../core/errors.ts';
import { LONGEST_NAME_CHARACTERS, MOST_HISTORY_ROWS } from '../../core/limits.ts';
import { encodePerson, encodeScope, encodeStatus } from '../../core/wire/messages.ts';
import { readCount } from '../http/respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';

/** What concerns the caller: who they are, what they may ask for, what they hold and held. */
export function buildPeopleRoutes({ broker, authenticate }: ApiParts): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();

  app.get('/v1/me', async (c) => {
    const { principal, login } = await authenticate(c);
    return c.json(encodePerson({ ...principal, login }));
  });

  app.get('/v1/scopes', async (c) =>
    c.json({ scopes: (await listScopes(broker, await authenticate(c))).map(encodeScope) }),
  );

  app.get('/v1/status', async (c) => c.json(encodeStatus(await readStatus(broker, await authenticate(c)))));

  app.get('/v1/history', async (c) => {
    const asker = await authenticate(c);
    const limit = readCount(c, 'limit', { fallback: 20, most: MOST_HISTORY_ROWS });
    const user = c.req.query('user');
    if (user !== undefined && !(user.length > 0 && user.length <= LONGEST_NAME_CHARACTERS))
      throw fail('bad_message', { why: `user is not a name of up to ${LONGEST_NAME_CHARACTERS} characters` });
    return c.json(encodeStatus(await listHistory(broker, asker, { limit, user })));
  });

  return app;
}
