import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { listRevocable, revokeMany } from '../../broker/revocation/revoke-many.ts';
import { viewGrant } from '../../broker/view/view.ts';
import type { Grant } from '../../core/grant.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Selection } from '../../core/view.ts';
import { encodeGrant } from '../../core/wire/grant.ts';
import { encodeRevoked, revocationMessage, selectionMessage } from '../../core/wire/revocation.ts';
import { readBody, refuseIssue } from '../http/respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';
import { readGone } from './gone.ts';
import { waitForEnd } from './wait-for-end.ts';

/** Much at once: of a person, at a target, of everybody. First the list of what it would be, then the deed. */
export function buildRevocationRoutes(parts: ApiParts): Hono<ApiEnvironment> {
  const { broker } = parts;
  const app = new Hono<ApiEnvironment>();

  app.get('/v1/grants', async (c) => {
    const asker = await parts.authenticate(c);
    broker.keepPace(asker, 'sweeps');
    const grants = await listRevocable(broker, asker, readSelection(c));
    return c.json({ grants: grants.map((grant) => encodeGrant(viewGrant(broker, grant))) });
  });

  app.post('/v1/revocations', async (c) => {
    const asker = await parts.authenticate(c);
    broker.keepPace(asker, 'sweeps');
    const { waitSeconds, ...selection } = await readBody(c, revocationMessage);
    const revoked = await revokeMany(broker, asker, selection);
    const until = { timeoutMs: waitSeconds * SECOND_MS, signal: readGone(c) };
    const ended = await Promise.all(revoked.grants.map((grant) => waitForEnd(parts, grant, until)));
    const grants = ended.map((grant: Grant) => viewGrant(broker, grant));
    return c.json(encodeRevoked({ ...revoked, grants }));
  });

  return app;
}

function readSelection(c: Context): Selection {
  const { everyone, ...named } = c.req.query();
  const parsed = v.safeParse(selectionMessage, {
    ...named,
    ...(everyone === undefined ? {} : { everyone: everyone === 'true' }),
  });
  if (parsed.success) return parsed.output;
  throw refuseIssue(parsed.issues[0]);
}
