import { expect, it } from 'vitest';
import { SAMPLE_CATALOGUE } from '../../../src/core/config/default.ts';
import { openTestApi } from '../../support/api.ts';
import { dev, lead, openTestBroker } from '../../support/broker.ts';

type Body = { readonly code?: string; readonly grant?: Record<string, unknown> };

it('a holder says that a grant is in use; it is nobody else’s to say, and says nothing more', async () => {
  const scopes = SAMPLE_CATALOGUE.scopes.map((scope) => ({ ...scope, idleSeconds: 60 }));
  const broker = await openTestBroker({ catalogue: { ...SAMPLE_CATALOGUE, scopes } });
  await using api = await openTestApi(broker);
  const { grant } = await broker.claim(dev, (await broker.ask()).id);
  const path = `/v1/grants/${grant.id}/use`;
  await broker.clock.advance(30_000);
  const used = await api.post<Body>(dev, path, {});
  expect(used).toMatchObject({ status: 200, body: { grant: { id: grant.id, idle_seconds: 60 } } });
  expect(used.body.grant?.last_used_at).toBe(new Date(broker.clock.now()).toISOString().replace('.000', ''));
  expect(await api.post<Body>(lead, path, {})).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const refused = await api.post<Body>(dev, path, { at: '2027-01-01T00:00:00Z' });
  expect(refused).toMatchObject({ status: 400, body: { code: 'bad_message' } });
  await broker.clock.advance(60_000);
  await broker.runDue();
  expect(await api.post<Body>(dev, path, {})).toMatchObject({ status: 404, body: { code: 'no_grant' } });
});
