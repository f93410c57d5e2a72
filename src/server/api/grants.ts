import { Hono } from 'hono';
import { readGrant } from '../../broker/query.ts';
import { revoke } from '../../broker/revoke.ts';
import { viewGrant } from '../../broker/view.ts';
import type { Grant } from '../../core/grant.ts';
import { SECOND_MS } from '../../core/time.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { revokeMessage } from '../../core/wire/messages.ts';
import { readBody } from '../respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';

export function buildGrantRoutes(parts: ApiParts): Hono<ApiEnvironment> {
  const { broker, waiters } = parts;
  const app = new Hono<ApiEnvironment>();

  app.get('/v1/grants/:id', async (c) => {
    const asker = await parts.authenticate(c);
    return c.json({ grant: encodeGrant(await readGrant(broker, asker, c.req.param('id'))) });
  });

  app.post('/v1/grants/:id/revoke', async (c) => {
    const asker = await parts.authenticate(c);
    const message = await readBody(c, revokeMessage);
    const grant = await revoke(broker, { asker, grantId: c.req.param('id'), because: message.because });
    const ended = await waiters.wait<Grant>({
      id: grant.id,
      look: async () => {
        const current = await broker.store.readGrant(grant.id);
        return current?.state === 'ended' ? current : undefined;
      },
      timeoutMs: message.wait_seconds * SECOND_MS,
      signal: c.req.raw.signal,
    });
    const current = ended ?? (await broker.store.readGrant(grant.id)) ?? grant;
    return c.json({ grant: encodeGrant(viewGrant(broker, current)) });
  });

  return app;
}
