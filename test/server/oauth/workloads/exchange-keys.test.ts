import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, askToken, makeProofKey, type ProofKey } from '../../../support/device-client.ts';
import {
  buildWorkloadParts,
  buildWorkloadRule,
  type FakeIssuer,
  makeIssuerKey,
  startFakeIssuer,
} from '../../../support/fake-issuer.ts';
import { type OAuthServer, startOAuthServer } from '../../../support/oauth-server.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

let issuer: FakeIssuer;
let server: OAuthServer;
let key: ProofKey;
beforeEach(async () => {
  issuer = await startFakeIssuer();
  server = await startOAuthServer({ workloads: buildWorkloadParts(buildWorkloadRule(issuer)) });
  key = await makeProofKey();
});
afterEach(async () => {
  vi.useRealTimers();
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const exchange = async (assertion: string): Promise<Answer> =>
  askToken(server.url, key, { grant_type: GRANT, assertion });

/** Moves the clock of the whole process: the provider reads no other. */
function passTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

describe('the keys of an issuer', () => {
  it('TOK-08: rotate without a failed exchange', async () => {
    expect((await exchange(await issuer.sign())).status).toBe(200);
    const next = await makeIssuerKey('key-2', 'ES256');
    issuer.keys.push(next);
    passTime(31_000);
    expect((await exchange(await issuer.sign({ key: next }))).status).toBe(200);
    expect(issuer.asked()).toBe(2);
  });

  it('TOK-02: an unknown key makes them be fetched at most once in 30 s', async () => {
    await exchange(await issuer.sign());
    const unknown = await makeIssuerKey('unknown');
    for (let round = 0; round < 5; round += 1) await exchange(await issuer.sign({ key: unknown }));
    expect(issuer.asked()).toBe(1);
    passTime(30_000);
    for (let round = 0; round < 5; round += 1) await exchange(await issuer.sign({ key: unknown }));
    expect(issuer.asked()).toBe(2);
  });

  it('that were taken back are not believed for more than an hour', async () => {
    expect((await exchange(await issuer.sign())).status).toBe(200);
    issuer.keys.splice(0, 1, await makeIssuerKey('key-2'));
    passTime(3_600_000);
    expect((await exchange(await issuer.sign())).body.error).toBe('invalid_grant');
  });

  it('go on being good while the issuer is away; before they are known it is 503, and told', async () => {
    issuer.respond = (response) => response.destroy();
    const first = await exchange(await issuer.sign());
    expect([first.status, first.body.error]).toEqual([503, 'temporarily_unavailable']);
    expect(server.errors).toMatchObject([{ code: 'provider_failed' }]);
    issuer.respond = undefined;
    passTime(30_000);
    expect((await exchange(await issuer.sign())).status).toBe(200);
    issuer.respond = (response) => response.destroy();
    passTime(3_600_000);
    expect((await exchange(await issuer.sign())).status).toBe(200);
    passTime(82_800_000);
    expect((await exchange(await issuer.sign())).status).toBe(503);
  });

  it('TOK-02: while the issuer is away an unknown key is 503, asked for once in 30 s and told once', async () => {
    expect((await exchange(await issuer.sign())).status).toBe(200);
    const asked = issuer.asked();
    let tries = 0;
    issuer.respond = (response) => {
      tries += 1;
      response.destroy();
    };
    passTime(30_000);
    const unknown = await makeIssuerKey('unknown');
    for (let round = 0; round < 5; round += 1)
      expect((await exchange(await issuer.sign({ key: unknown }))).status).toBe(503);
    expect([tries, issuer.asked() - asked]).toEqual([1, 0]);
    expect(server.errors).toMatchObject([{ code: 'provider_failed' }]);
    expect((await exchange(await issuer.sign())).status).toBe(200);
    issuer.respond = undefined;
    issuer.keys.push(unknown);
    passTime(30_000);
    expect((await exchange(await issuer.sign({ key: unknown }))).status).toBe(200);
  });
});
