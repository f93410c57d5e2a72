import { expect, it } from 'vitest';
import { createIssuerKeys } from '../../../../src/server/oauth/workloads/issuer-keys.ts';

const ISSUER = 'https://issuer.example.com';

it.each([
  'https://127.0.0.1:8443/keys',
  'https://[::1]/keys',
  'https://localhost/keys',
  'http://issuer.example.com/keys',
  'https://user@keys.example.com/keys',
  'file:///etc/passwd',
])('INP-02: keys that an issuer elsewhere says are at %s are not asked for', async (place) => {
  const asked: string[] = [];
  const keys = createIssuerKeys({
    issuer: ISSUER,
    clock: { now: () => 0 },
    createOutgoing: () => async (address) => {
      asked.push(address);
      return Response.json({ issuer: ISSUER, jwks_uri: place, keys: [] });
    },
  });
  await expect(keys.verify('a.b.c')).rejects.toMatchObject({
    code: 'provider_failed',
    message: expect.stringContaining('no usable jwks_uri'),
  });
  expect(asked).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
});
