import { expect, it } from 'vitest';
import { askMe, askToken, makeProofKey } from '../../../support/device-client.ts';
import { buildWorkloadRule, startFakeIssuer } from '../../../support/fake-issuer.ts';
import { startJitServer } from '../../../support/programs/jit-server.ts';

const DEV_USERS = [{ name: 'dba-lead', groups: ['dba'], sameAs: null }];

it('loses its session to an admin who revokes it by the name of the configuration', async () => {
  await using issuer = await startFakeIssuer();
  const identity = { devUsers: DEV_USERS, company: null, workloads: [buildWorkloadRule(issuer)] };
  await using server = await startJitServer({ config: { identity } });
  const key = await makeProofKey();
  const { body } = await askToken(server.url, key, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: await issuer.sign(),
  });
  const token = String(body.access_token);
  expect((await askMe(server.url, key, token)).status).toBe(200);
  const { backend } = await server.logIn('dba-lead');
  const revoked = await backend.revokeMany({ user: 'orders-ci', target: null });
  expect(revoked).toMatchObject({ grants: [], sessionsEnded: 1 });
  expect((await askMe(server.url, key, token)).status).toBe(401);
});
