import { describe, expect, it } from 'vitest';
import { exec, requireSecret } from '../../src/client/exec.ts';
import { keep } from '../../src/client/held.ts';
import { prove } from '../../src/client/prove.ts';
import { EMPTY_CREDENTIAL } from '../../src/core/credential.ts';
import { fail } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Claimed, TokenTerms } from '../../src/core/view.ts';
import { createTestParts, NOW, SERVER } from '../support/fakes/client-parts.ts';
import { buildSession } from '../support/fakes/fake-authorization.ts';
import { buildClaimed, MINUTE_MS } from '../support/fakes/fake-backend.ts';

const SHORT: TokenTerms = { expiresAt: NOW + 5 * MINUTE_MS, boundTo: null };
const KEY = 'k'.repeat(43);
const OTHER_KEY = 'o'.repeat(43);

/** A grant of 30 minutes whose tokens last five. `next` numbers the tokens that are fetched after the first. */
function createScene(
  options: { readonly terms?: TokenTerms; readonly fails?: Error; readonly nextKey?: string } = {},
) {
  const asked: unknown[] = [];
  const parts = createTestParts({
    backend: {
      claim: async (id, what) => {
        asked.push([id, what]);
        if (options.fails) throw options.fails;
        return buildClaimed({
          token: new Secret(`token-${asked.length + 1}`),
          terms: { expiresAt: parts.clock.now() + 5 * MINUTE_MS, boundTo: options.nextKey ?? null },
          credential: null,
        });
      },
    },
    processes: { environment: { PATH: '/bin' }, onStart: (child) => child.end(0) },
  });
  const claimed: Claimed = buildClaimed({ terms: options.terms ?? SHORT });
  return { parts, asked, claimed };
}

describe('a token that ends before its grant', () => {
  it('is replaced in time, and what was made at the target stays', async () => {
    const { parts, asked, claimed } = createScene();
    const held = await keep(parts, claimed);
    await parts.clock.advance(4 * MINUTE_MS);
    expect((await requireSecret(parts, held)).token.reveal()).toBe('token-1');
    await parts.clock.advance(MINUTE_MS / 2);
    const secret = await requireSecret(parts, held);
    expect(secret.token.reveal()).toBe('token-2');
    expect(secret.credential.environment).toEqual(claimed.credential?.environment);
    expect(asked).toEqual([['req_1', { tokenOnly: true }]]);
    expect((await requireSecret(parts, held)).token.reveal(), 'it was kept').toBe('token-2');
    expect(asked).toHaveLength(1);
  });

  it('is fetched once for all who ask at the same time', async () => {
    const { parts, asked, claimed } = createScene();
    const held = await keep(parts, claimed);
    await parts.clock.advance(5 * MINUTE_MS);
    const secrets = await Promise.all(Array.from({ length: 20 }, () => requireSecret(parts, held)));
    expect(new Set(secrets.map(({ token }) => token.reveal()))).toEqual(new Set(['token-2']));
    expect(asked).toHaveLength(1);
  });

  it('serves to its end while the server is away, and not longer', async () => {
    const { parts, claimed } = createScene({ fails: fail('unreachable', { address: SERVER, why: 'away' }) });
    const held = await keep(parts, claimed);
    await parts.clock.advance(5 * MINUTE_MS - 1);
    expect((await requireSecret(parts, held)).token.reveal()).toBe('token-1');
    await parts.clock.advance(1);
    await expect(requireSecret(parts, held)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('is not used any more once the server has said no, however long it would be good', async () => {
    const { parts, claimed } = createScene({ fails: fail('denied', { id: 'req_1', why: 'not any more' }) });
    const held = await keep(parts, claimed);
    await parts.clock.advance(5 * MINUTE_MS - 1_000);
    await expect(requireSecret(parts, held)).rejects.toMatchObject({ code: 'denied' });
  });

  it('is no reason to ask where it ends with its grant', async () => {
    const { parts, asked, claimed } = createScene({
      terms: { expiresAt: NOW + 30 * MINUTE_MS - 999, boundTo: null },
    });
    const held = await keep(parts, claimed);
    await parts.clock.advance(30 * MINUTE_MS - 2_000);
    await requireSecret(parts, held);
    expect(asked).toEqual([]);
  });
});

describe('a bound token', () => {
  const bound: TokenTerms = { expiresAt: NOW + 30 * MINUTE_MS, boundTo: KEY };
  const wanted = { method: 'GET', url: new URL('https://orders.example.com/orders') };

  /** The session's key is `thumbprint`. */
  function withSession(parts: ReturnType<typeof createTestParts>, thumbprint: string) {
    const unused = () => Promise.reject(new Error('not part of this test'));
    const session = buildSession({ server: SERVER });
    const sessions = { store: unused, read: unused, peek: async () => session, clear: unused };
    const authorization = {
      deviceLogin: unused,
      browserLogin: unused,
      workloadLogin: unused,
      refresh: unused,
      revoke: unused,
    };
    const signProof = async ({ token, method, url }: { token: Secret; method: string; url: URL }) => ({
      proof: new Secret(`${method} ${url.href} with ${token.reveal()}`),
      thumbprint,
    });
    return { ...parts, sessions, authorization, signProof };
  }

  it('is not put into a child, which has no key to prove it with', async () => {
    const { parts, claimed } = createScene({ terms: bound });
    const held = await keep(parts, { ...claimed, credential: EMPTY_CREDENTIAL });
    const lease = {
      onWarning: () => undefined,
      onEnd: () => undefined,
      signal: new AbortController().signal,
    };
    await exec(parts, { ...lease, held, command: 'curl', args: [] });
    expect(parts.processes.children[0]?.order.environment).not.toHaveProperty('JIT_TOKEN');
    expect(parts.processes.children[0]?.order.environment).toHaveProperty('JIT_GRANT_ID');
  });

  it('comes with a proof for one request', async () => {
    const { parts, asked, claimed } = createScene({ terms: bound });
    const held = await keep(parts, claimed);
    const { token, proof } = await prove(withSession(parts, KEY), held, wanted);
    expect([token.reveal(), proof.reveal()]).toEqual([
      'token-1',
      'GET https://orders.example.com/orders with token-1',
    ]);
    expect(asked).toEqual([]);
  });

  it('is fetched anew where somebody has logged in again since', async () => {
    const { parts, asked, claimed } = createScene({ terms: bound, nextKey: OTHER_KEY });
    const held = await keep(parts, claimed);
    const { token, proof } = await prove(withSession(parts, OTHER_KEY), held, wanted);
    expect(token.reveal()).toBe('token-2');
    expect(proof.reveal()).toContain('with token-2');
    expect(asked).toEqual([['req_1', { tokenOnly: true }]]);
  });

  it('is what a proof is for: with a bearer token it is a mistake', async () => {
    const { parts, claimed } = createScene();
    const held = await keep(parts, claimed);
    await expect(prove(withSession(parts, KEY), held, wanted)).rejects.toMatchObject({ code: 'usage' });
  });
});
