import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claimed } from '../../../../src/core/view.ts';
import {
  type JitServer,
  SERVICE_SECRET,
  type Someone,
  startJitServer,
} from '../../../support/programs/jit-server.ts';
import { BILLING, buildServiceTargets, claimService } from '../../../support/verifying/protected-target.ts';
import { askCheck, basic, ORDERS, proveCall } from '../../../support/verifying/service-calls.ts';

let bearer: JitServer;
let bound: JitServer;
let dev: Someone;
let boundDev: Someone;

beforeAll(async () => {
  [bearer, bound] = await Promise.all([
    startJitServer({ config: buildServiceTargets() }),
    startJitServer({ config: buildServiceTargets({ isBound: true, tokenSeconds: 60 }) }),
  ]);
  [dev, boundDev] = await Promise.all([bearer.logIn('dev'), bound.logIn('dev')]);
});

afterAll(async () => {
  expect([...bearer.errors, ...bound.errors]).toEqual([]);
  await Promise.all([bearer[Symbol.asyncDispose](), bound[Symbol.asyncDispose]()]);
});

const bring = (claimed: Claimed) => ({ 'jit-authorization': `Bearer ${claimed.token.reveal()}` });

describe('what a proxy is told of a request', () => {
  it('is whose it is, by which grant, and until when', async () => {
    const claimed = await claimService(dev);
    const answer = await askCheck(bearer.url, bring(claimed));
    expect(answer.status).toBe(204);
    expect(answer.headers.get('jit-subject')).toBe('dev:dev');
    expect(answer.headers.get('jit-scopes')).toBe('prod:api.read');
    expect(answer.headers.get('jit-grant')).toBe(claimed.grant.id);
    expect(Date.parse(answer.headers.get('jit-expires-at') ?? '')).toBeLessThanOrEqual(
      claimed.grant.expiresAt,
    );
  });

  it('is 401 without a token, and with one that is none', async () => {
    const none = await askCheck(bearer.url, {});
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toBe(
      `Bearer realm="${ORDERS}", scope="prod:api.read", DPoP realm="${ORDERS}", algs="ES256 EdDSA Ed25519"`,
    );
    for (const authorization of ['Bearer opaque', 'Basic b3I6cw==', 'Bearer "', 'Bearer a b']) {
      const answer = await askCheck(bearer.url, { 'jit-authorization': authorization });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it('is 403 for another scope, and 401 for another service’s token', async () => {
    const claimed = await claimService(dev);
    const answer = await askCheck(bearer.url, { ...bring(claimed), 'jit-scope': 'prod:api.write' });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain(
      'error="insufficient_scope", scope="prod:api.write"',
    );
    const asBilling = {
      authorization: basic('billing-api', SERVICE_SECRET.reveal()),
      'jit-audience': BILLING,
    };
    expect((await askCheck(bearer.url, { ...bring(claimed), ...asBilling })).status).toBe(401);
    expect((await askCheck(bearer.url, { ...bring(claimed), 'jit-audience': BILLING })).status).toBe(401);
  });

  it.each(['jit-audience', 'jit-scope', 'jit-method', 'jit-url', 'authorization'])(
    'is 400, which lets nothing through and asks nobody to log in, when the proxy leaves out %s',
    async (name) => {
      const claimed = await claimService(dev);
      expect((await askCheck(bearer.url, bring(claimed), name)).status).toBe(400);
    },
  );

  it('is 400 where the proxy says a path in place of the address: no proof could be compared with it', async () => {
    const claimed = await claimService(dev);
    expect((await askCheck(bearer.url, { ...bring(claimed), 'jit-url': '/orders' })).status).toBe(400);
  });

  it('TOK-06: needs the service’s own secret, and so does the stream of revocations', async () => {
    const claimed = await claimService(dev);
    for (const authorization of [
      '',
      'Basic',
      basic('orders-api', 'wrong'),
      basic('nobody', SERVICE_SECRET.reveal()),
    ]) {
      const answer = await askCheck(bearer.url, { ...bring(claimed), authorization });
      expect([authorization, answer.status, answer.headers.get('jit-subject')]).toEqual([
        authorization,
        400,
        null,
      ]);
      const stream = await fetch(`${bearer.url}/oauth/revocations`, { headers: { authorization } });
      expect([authorization, stream.status]).toEqual([authorization, 401]);
      expect(await stream.json()).toEqual({ error: 'invalid_client' });
    }
  });

  it('TOK-06: shows a revocation with the next answer', async () => {
    const claimed = await claimService(dev);
    expect((await askCheck(bearer.url, bring(claimed))).status).toBe(204);
    await dev.backend.revoke(claimed.grant.id, 'done');
    expect((await askCheck(bearer.url, bring(claimed))).status).toBe(401);
  });
});

describe('a target that says dpop', () => {
  it('gives tokens that name the key of the session, and end after token_ttl', async () => {
    const { token, terms, grant } = await claimService(boundDev);
    expect(terms?.boundTo).toMatch(/^[\w-]{43}$/);
    expect(terms?.expiresAt).toBeLessThanOrEqual(grant.claimedAt + 61_000);
    expect(grant.expiresAt).toBeGreaterThan(grant.claimedAt + 500_000);
    const proof = await proveCall(boundDev, token);
    const headers = { 'jit-authorization': `DPoP ${token.reveal()}`, 'jit-proof': proof };
    expect((await askCheck(bound.url, headers)).status).toBe(204);
    const again = await askCheck(bound.url, headers);
    expect(again.status, 'TOK-03: a proof is used once').toBe(401);
    expect(again.headers.get('www-authenticate')).toContain('error="invalid_dpop_proof"');
  });

  it('TOK-03: takes no proof for another request, by another key, or none', async () => {
    const { token } = await claimService(boundDev);
    const stranger = await bound.logIn('dev');
    const authorization = { 'jit-authorization': `DPoP ${token.reveal()}` };
    for (const proof of [
      await proveCall(boundDev, token, { method: 'POST' }),
      await proveCall(boundDev, token, { url: `${ORDERS}/other` }),
      await proveCall(boundDev, token, { at: Date.now() - 120_000 }),
      await proveCall(stranger, token),
      'none',
    ]) {
      expect((await askCheck(bound.url, { ...authorization, 'jit-proof': proof })).status).toBe(401);
    }
    const proof = await proveCall(boundDev, token);
    const asBearer = { 'jit-authorization': `Bearer ${token.reveal()}`, 'jit-proof': proof };
    expect((await askCheck(bound.url, asBearer)).status, 'a bound token as Bearer is refused').toBe(401);
    expect((await askCheck(bound.url, { ...authorization, 'jit-proof': proof })).status).toBe(204);
  });

  it('counts as used only what was let through: a stolen token without its key does not keep the grant awake', async () => {
    // Asked for again, a grant is the one that there is: this one is to be new.
    await boundDev.backend.revoke((await claimService(boundDev)).grant.id, 'done');
    const { token, grant } = await claimService(boundDev);
    const readUse = async () => (await boundDev.backend.readGrant(grant.id)).lastUsedAt;
    const authorization = { 'jit-authorization': `DPoP ${token.reveal()}` };
    expect((await askCheck(bound.url, { ...authorization, 'jit-proof': 'none' })).status).toBe(401);
    const proof = () => proveCall(boundDev, token);
    const other = { ...authorization, 'jit-proof': await proof(), 'jit-scope': 'prod:api.write' };
    expect((await askCheck(bound.url, other)).status).toBe(403);
    expect(await readUse()).toBeNull();
    await askCheck(bound.url, { ...authorization, 'jit-proof': await proof() });
    expect(await readUse()).not.toBeNull();
  });

  it('gives the next token alone, under the same grant, bound to the session that asks', async () => {
    const first = await claimService(boundDev);
    const elsewhere = await bound.logIn('dev');
    const next = await elsewhere.backend.claim(first.request.id, { tokenOnly: true });
    expect(next.credential).toBeNull();
    expect(next.grant.id).toBe(first.grant.id);
    expect(next.terms?.boundTo).not.toBe(first.terms?.boundTo);
    const proof = await proveCall(elsewhere, next.token);
    const headers = { 'jit-authorization': `DPoP ${next.token.reveal()}`, 'jit-proof': proof };
    expect((await askCheck(bound.url, headers)).status).toBe(204);
    await boundDev.backend.revoke(first.grant.id, 'done');
    const refused = elsewhere.backend.claim(first.request.id, { tokenOnly: true });
    await expect(refused).rejects.toMatchObject({ code: 'no_grant' });
  });
});
