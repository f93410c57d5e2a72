import { calculateJwkThumbprint, type JWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signTokenProof } from '../../src/adapters/backends/dpop-proof.ts';
import { Secret } from '../../src/core/secret.ts';
import { createProofMemory } from '../../src/verify/proofs.ts';
import type { IncomingCall, Verifier } from '../../src/verify.ts';
import { createFakeClock } from '../support/fakes/fake-clock.ts';
import { makeSigningKey } from '../support/signing-keys.ts';
import { openVerifyScene, type VerifyScene } from '../support/verifying/scene.ts';
import { AUDIENCE, NOW } from '../support/verifying/token-server.ts';

let scene: VerifyScene;
let key: JWK;
let token: string;
let verifier: Verifier;

beforeEach(async () => {
  scene = await openVerifyScene();
  verifier = scene.open();
  key = await makeSigningKey();
  token = await scene.server.forge.sign({ cnf: { jkt: await calculateJwkThumbprint(key) } });
});

afterEach(() => scene[Symbol.asyncDispose]());

type Changes = {
  readonly key?: JWK;
  readonly token?: string;
  readonly method?: string;
  readonly url?: string;
  readonly at?: number;
};

async function prove(changes: Changes = {}): Promise<string> {
  const { kty, crv, x, y, d } = changes.key ?? key;
  const signed = await signTokenProof({
    key: new Secret(JSON.stringify({ kty, crv, x, y, d })),
    token: new Secret(changes.token ?? token),
    method: changes.method ?? 'GET',
    url: new URL(changes.url ?? `${AUDIENCE}/orders`),
    at: changes.at ?? NOW,
  });
  return signed.proof.reveal();
}

async function bring(proof: string | undefined, call: Partial<IncomingCall> = {}): Promise<string> {
  const usual = { method: 'GET', path: '/orders?page=2', authorization: `DPoP ${token}`, proof };
  const verdict = await verifier.verify({ ...usual, ...call });
  return verdict.ok ? 'ok' : verdict.error;
}

describe('a bound token', () => {
  it('is good with a proof for this request, once', async () => {
    const proof = await prove();
    expect(await bring(proof)).toBe('ok');
    expect(await bring(proof)).toBe('invalid_dpop_proof');
    expect(await bring(await prove())).toBe('ok');
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ['no proof', async () => undefined],
    ['two proofs', async () => `${await prove()}, ${await prove()}`],
    ['a proof by another key', async () => prove({ key: await makeSigningKey() })],
    ['a proof for another token', async () => prove({ token: await scene.server.forge.sign() })],
    ['a proof for another method', () => prove({ method: 'POST' })],
    ['a proof for another path', () => prove({ url: `${AUDIENCE}/order` })],
    ['a proof for another service', () => prove({ url: 'https://billing.example.com/orders' })],
    ['a proof that is too old', () => prove({ at: NOW - 61_000 })],
    ['a proof from the future', () => prove({ at: NOW + 61_000 })],
  ])('TOK-03: is refused with %s', async (_, make) => {
    expect(await bring(await make())).toBe('invalid_dpop_proof');
  });

  it('TOK-03: is refused as a bearer token, and a bearer token with a proof', async () => {
    expect(await bring(await prove(), { authorization: `Bearer ${token}` })).toBe('invalid_token');
    const bearer = await scene.server.forge.sign();
    const proof = await prove({ token: bearer });
    expect(await bring(proof, { authorization: `DPoP ${bearer}` })).toBe('invalid_token');
  });

  it.each([
    '/x/../orders',
    '/./orders',
    '/%2e/orders',
    '//evil.example/orders',
    'https://evil.example/orders',
    '',
  ])('TOK-03: is refused on a path that can be read in two ways: %s', async (path) => {
    expect(await bring(await prove(), { path })).toBe('invalid_dpop_proof');
  });

  it('is proved for the address that callers use, where a proxy takes a part of it away', async () => {
    const behind = scene.open({ url: 'https://example.com/shop/' });
    const proof = await prove({ url: 'https://example.com/shop/orders' });
    const call = { method: 'GET', path: '/orders', authorization: `DPoP ${token}`, proof };
    expect((await behind.verify(call)).ok).toBe(true);
  });

  it('is claimed where the service says, once for all of its replicas', async () => {
    const shared = new Set<string>();
    const claimProof = async (id: string) => !shared.has(id) && shared.add(id).size > 0;
    const replicas = [scene.open({ claimProof }), scene.open({ claimProof })];
    const call = { method: 'GET', path: '/orders', authorization: `DPoP ${token}`, proof: await prove() };
    const verdicts = await Promise.all(replicas.map((replica) => replica.verify(call)));
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('the memory of proofs', () => {
  it('is full at some point, takes no more then, and has room again when they are over', async () => {
    const clock = createFakeClock(NOW);
    const claim = createProofMemory({ clock });
    for (let index = 0; index < 100_000; index += 1) await claim(`key-${index % 20} ${index}`, NOW + 1_000);
    expect(await claim('one more', NOW + 2_000)).toBe(false);
    await clock.advance(1_000);
    expect(await claim('one more', NOW + 2_000)).toBe(true);
    expect(await claim('one more', NOW + 2_000)).toBe(false);
  });

  it('is not filled by one key for all others', async () => {
    const clock = createFakeClock(NOW);
    const claim = createProofMemory({ clock });
    let taken = 0;
    for (let index = 0; index < 100_000; index += 1)
      if (await claim(`greedy ${index}`, NOW + 1_000)) taken += 1;
    expect(taken).toBe(10_000);
    expect(await claim('modest 1', NOW + 1_000)).toBe(true);
    expect(await claim('modest 1', NOW + 1_000)).toBe(false);
    await clock.advance(1_000);
    expect(await claim('greedy 0', NOW + 2_000)).toBe(true);
  });
});
