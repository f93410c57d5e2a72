import { describe, expect, it } from 'vitest';
import { createHeldGrants } from '../../../../src/adapters/backends/oidc/held-grants.ts';
import { fail } from '../../../../src/core/errors.ts';
import type { Provider } from '../../../../src/core/ports/provider.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { buildGrantView } from '../../../support/fakes/fake-backend.ts';
import { createFakeClock } from '../../../support/fakes/fake-clock.ts';

const grant = buildGrantView({ url: 'https://login.example.com' });

function open(provider: Partial<Provider>, token: Secret | undefined = new Secret('token')) {
  return createHeldGrants({
    provider: {
      address: 'https://login.example.com',
      look: async () => undefined,
      ask: () => Promise.reject(new Error('not asked')),
      introspect: async () => undefined,
      revoke: async () => true,
      ...provider,
    },
    clock: createFakeClock(grant.claimedAt),
    listGrants: async () => [grant],
    readToken: async () => token,
  });
}

describe('grants of a provider', () => {
  it('are not confirmed as taken back while it still says that the token is good', async () => {
    const { revoke } = open({ introspect: async () => true });
    await expect(revoke(grant.id, 'done')).rejects.toMatchObject({ code: 'not_confirmed' });
  });

  it('stay as they were where the provider was not reached', async () => {
    const unreachable = fail('unreachable', { address: 'https://login.example.com', why: 'no answer' });
    const { revoke } = open({ revoke: () => Promise.reject(unreachable) });
    await expect(revoke(grant.id, 'done')).rejects.toBe(unreachable);
  });

  it('are over in the status once the provider says that the token is', async () => {
    const { readStatus, readGrant } = open({ introspect: async () => false });
    expect((await readStatus()).grants).toEqual([]);
    expect(await readGrant(grant.id)).toMatchObject({ state: 'ended', endedBecause: 'revoked' });
  });

  it('are not waited for longer than a shell waits', async () => {
    const clock = createFakeClock(grant.claimedAt);
    const { readStatus } = createHeldGrants({
      provider: {
        address: 'https://login.example.com',
        look: async () => undefined,
        ask: () => Promise.reject(new Error('not asked')),
        introspect: () => new Promise(() => undefined),
        revoke: async () => true,
      },
      clock,
      listGrants: async () => [grant],
      readToken: async () => new Secret('token'),
    });
    const refused = expect(readStatus({ timeoutMs: 2000 })).rejects.toMatchObject({ code: 'unreachable' });
    await clock.advance(2000);
    await refused;
  });

  it('are nobody else’s', async () => {
    await expect(open({}).revoke('gr_other', 'done')).rejects.toMatchObject({ code: 'not_found' });
  });
});
