import { Hono } from 'hono';
import { recordOwnUse } from '../../broker/revocation/idle.ts';
import { revoke } from '../../broker/revocation/revoke.ts';
import { readGrant } from '../../broker/view/query.ts';
import { viewGrant } from '../../broker/view/view.ts';
import { SECOND_MS } from '../../core/time.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { emptyMessage, revokeMessage } from '../../core/wire/messages.ts';
import { readBody } from '../http/respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';
import { readGone } from './gone.ts';
import { waitForEnd } from './wait-for-end.ts';

export function buildGrantRoutes(parts: ApiParts): Hono<ApiEnvironment> {
  const { broker } = parts;
  const app = new Hono<ApiEnvironment>();

  app.get('/v1/grants/:id', async (c) => {
    const asker = await parts.authenticate(c);
    return c.json({ grant: encodeGrant(await readGrant(broker, asker, c.req.param('id'))) });
  });

  app.post('/v1/grants/:id/use', async (c) => {
    const asker = await parts.authenticate(c);
    await readBody(c, emptyMessage);
    const grant = await recordOwnUse(broker, asker, c.req.param('id'));
    return c.json({ grant: encodeGrant(viewGrant(broker, grant)) });
  });

  app.post('/v1/grants/:id/revoke', async (c) => {
    const asker = await parts.authenticate(c);
    const message = await readBody(c, revokeMessage);
    const grant = await revoke(broker, { asker, grantId: c.req.param('id'), because: message.because });
    const until = { timeoutMs: message.wait_seconds * SECOND_MS, signal: readGone(c) };
    return c.json({ grant: encodeGrant(viewGrant(broker, await waitForEnd(parts, grant, until))) });
  });

  return app;
}
