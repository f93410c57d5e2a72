import { describe, expect, it } from 'vitest';
import type { TokenRules } from '../../../../src/core/catalogue.ts';
import { type Grant, NOT_REVOKED } from '../../../../src/core/grant.ts';
import { describeSigned } from '../../../../src/server/oauth/tokens/grant-token.ts';
import { createTokenSigner } from '../../../../src/server/oauth/tokens/token-signer.ts';
import { createFakeClock } from '../../../support/fakes/fake-clock.ts';
import { openSigningKeys } from '../../../support/signing-keys.ts';

const NOW = Date.parse('2026-11-22T09:00:00Z');
const KEY = 'k'.repeat(43);
const keys = await openSigningKeys();

const grant: Grant = {
  id: 'gr_1',
  requestId: 'req_1',
  state: 'active',
  version: 2,
  scopes: ['prod:api.read'],
  target: 'orders-api',
  heldBy: { subject: 'dev:dev', name: 'dev' },
  digest: 'digest-1',
  tokenId: 'tok_1',
  claimedAt: NOW,
  expiresAt: NOW + 600_000,
  latestEndAt: NOW + 600_000,
  lastUsedAt: null,
  endedAt: null,
  endedBecause: null,
  handle: null,
  revocation: NOT_REVOKED,
};

async function sign(rules: TokenRules, keyThumbprint?: string) {
  const target = { name: 'orders-api', kind: 'token', audience: 'https://orders.example.com', ...rules };
  const signer = createTokenSigner({
    url: 'https://jit.example.com',
    clock: createFakeClock(NOW),
    keys,
    catalogue: { scopes: [], targets: [target] },
  });
  return describeSigned(await signer.sign(grant, keyThumbprint));
}

describe('the token of a grant', () => {
  it('lasts as long as the grant, and is a bearer token, where its target says nothing', async () => {
    expect(await sign({}, KEY)).toEqual({ expiresAt: grant.expiresAt, boundTo: null });
  });

  it('TOK-04: ends after token_ttl, and never after its grant', async () => {
    expect((await sign({ tokenSeconds: 300 }))?.expiresAt).toBe(NOW + 300_000);
    expect((await sign({ tokenSeconds: 900 }))?.expiresAt).toBe(grant.expiresAt);
  });

  it('is bound to the key of its holder where the target says so, and is not signed without one', async () => {
    expect((await sign({ isBound: true }, KEY))?.boundTo).toBe(KEY);
    await expect(sign({ isBound: true })).rejects.toMatchObject({ code: 'failed' });
  });
});
