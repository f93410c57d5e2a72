import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVerifier, type Verifier } from '../../src/verify.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { ORDERS, ORDERS_URL } from '../support/verifying/service-calls.ts';

let stage: Stage;
let desk: Desk;
let verifier: Verifier;

beforeAll(async () => {
  stage = await startStage({ isServiceBound: true, tokenTtl: '1m' });
  desk = await stage.openDesk();
  verifier = createVerifier({
    issuer: stage.url,
    audience: ORDERS,
    introspection: { id: 'orders-api', secret: stage.apiSecret },
    dpop: true,
  });
  await desk.run([
    'request',
    'prod:api.read',
    '--on',
    'orders-api',
    '--for',
    '10m',
    '--reason',
    'INC-4211 slow checkout',
  ]);
});

afterAll(async () => {
  await desk?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

/** `name: value` lines, as curl reads them. */
function readHeaders(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
}

describe('a grant whose tokens are bound', () => {
  it('is used with the headers that jit token --proof prints for one request', async () => {
    const { stdout, stderr, exitCode } = await desk.run(['token', '--proof', 'GET', ORDERS_URL]);
    expect([exitCode, stderr]).toEqual([0, '']);
    const { authorization, dpop: proof } = readHeaders(stdout);
    expect(authorization).toMatch(/^DPoP eyJ/);
    const call = { method: 'GET', path: '/orders', authorization, proof };
    expect(await verifier.verify(call, { scope: 'prod:api.read' })).toMatchObject({
      ok: true,
      token: { subject: 'dev:dev', isBound: true },
    });
    expect(await verifier.verify(call), 'a proof is good once').toMatchObject({ ok: false, status: 401 });
  });

  it('gives its child no token', async () => {
    const { stdout } = await desk.run(['exec', '--', 'env']);
    expect(stdout).toContain('JIT_GRANT_ID=gr_');
    expect(stdout).not.toContain('JIT_TOKEN');
    expect(stdout).not.toContain('eyJ');
  });

  it('says in JSON what kind of token it is, and that it ends before its grant', async () => {
    const { document } = await desk.readJson(['token', '--proof', 'POST', ORDERS_URL]);
    const {
      token_type: type,
      token_expires_at: tokenEnd,
      expires_at: end,
      proof,
    } = document as Record<string, string>;
    expect(type).toBe('DPoP');
    expect(Date.parse(tokenEnd ?? '')).toBeLessThan(Date.parse(end ?? ''));
    expect(proof).toMatch(/^eyJ/);
  });

  it.each([
    ['no address', ['token', '--proof', 'GET']],
    ['no method', ['token', ORDERS_URL]],
    ['an address that is none', ['token', '--proof', 'GET', '/orders']],
  ])('needs method and address: with %s it is a mistake', async (_, words) => {
    const { exitCode, stderr, stdout } = await desk.run(words);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--proof GET https://');
  });
});
