import { describe, expect, it } from 'vitest';
import { judgeDetails } from '../../../../src/adapters/backends/oidc/judge-details.ts';
import type { OidcChoice } from '../../../../src/core/client-config.ts';
import type { Detail } from '../../../support/alone/configuration.ts';
import { openProviderParts } from '../../../support/alone/desk.ts';
import { BOTH, order } from '../../../support/alone/order.ts';
import { startAloneProvider } from '../../../support/alone/provider.ts';

type Change = (asked: readonly Detail[]) => readonly Detail[];

/** What is granted where the provider answers with other details than it was sent; the tokens that it gave and took. */
async function ask(details: Change) {
  const provider = await startAloneProvider({ details });
  const { engineer, login, parts } = openProviderParts(provider);
  await login();
  const asked = await engineer.request(order(BOTH)).catch((error: unknown) => error);
  const revocations = provider.asked.filter((line) => line === 'POST /token/revocation').length;
  const [, ...kept] = Object.keys(parts.secrets());
  await provider[Symbol.asyncDispose]();
  return { asked, revocations, kept };
}

const changed =
  (members: Readonly<Record<string, unknown>>): Change =>
  (asked) =>
    asked.map((one) => ({ ...one, ...members }));

describe('what a provider says that it gave (RFC 9396 §7)', () => {
  it('is shown: a shorter time, and fewer scopes', async () => {
    const { asked } = await ask(changed({ duration_seconds: 60, actions: ['prod:db.read'] }));
    expect(asked).toMatchObject({
      request: { scopes: ['prod:db.read'], durationSeconds: 60, originally: { scopes: BOTH.scopes } },
      grant: { scopes: ['prod:db.read'], target: 'orders' },
    });
    const { grant } = asked as { readonly grant: { readonly claimedAt: number; readonly expiresAt: number } };
    expect(grant.expiresAt - grant.claimedAt).toBe(60_000);
  });

  it('is no reason to show more: the token ends when it ends', async () => {
    const { asked } = await ask(changed({ duration_seconds: 86_400 }));
    expect(asked).toMatchObject({ request: { durationSeconds: 300 } });
  });

  it('may be more words about the same', async () => {
    const { asked } = await ask(changed({ tenant: 'eu', reason: 'as asked' }));
    expect(asked).toMatchObject({ grant: { scopes: BOTH.scopes } });
  });

  it.each<[string, Change, string]>([
    ['another target', changed({ target: 'billing' }), 'it gave billing, and orders was asked for'],
    [
      'another place',
      changed({ locations: ['https://billing.example.com'] }),
      'it gave https://billing.example.com',
    ],
    ['more actions', changed({ actions: ['prod:db.read', 'admin'] }), 'more than was asked for: admin'],
    ['another type', changed({ type: 'root' }), 'details of type root'],
    ['one thing more', (asked) => [...asked, { type: 'jit', target: 'billing' }], 'it gave billing'],
    ['a time that is none', changed({ duration_seconds: 'long' }), 'not what RFC 9396 says'],
  ])('is given back and not kept where it is %s', async (_, change, why) => {
    const { asked, revocations, kept } = await ask(change);
    expect(asked).toMatchObject({ code: 'bad_answer', message: expect.stringContaining(why) });
    expect([revocations, kept]).toEqual([1, []]);
  });

  it('is given back where it is nothing of what was asked for', async () => {
    const { asked, revocations, kept } = await ask(changed({ actions: [] }));
    expect(asked).toMatchObject({ code: 'denied', message: expect.stringContaining('gave none of it') });
    expect([revocations, kept]).toEqual([1, []]);
  });
});

describe('details of an answer', () => {
  const choice: OidcChoice = {
    kind: 'oidc',
    issuer: 'https://login.example.com',
    clientId: 'jit',
    loginClientId: 'jit',
    detailsType: 'jit',
    scopes: [],
    targets: [{ name: 'orders', resource: null, isBound: false }],
  };
  const judge = (details: unknown, changes: Partial<OidcChoice> = {}) =>
    judgeDetails(details, {
      choice: { ...choice, ...changes },
      submission: { ...BOTH, idempotencyKey: 'a' },
    });

  it.each<[string, unknown]>([
    ['an object', { type: 'jit' }],
    ['a text', 'jit'],
    ['null', null],
    ['a number', 7],
    ['a list of texts', ['jit']],
    ['a list with null', [null]],
    ['no type', [{}]],
    ['a type that is a number', [{ type: 7 }]],
    ['a type without end', [{ type: 'x'.repeat(3_000) }]],
    ['a target that is a list', [{ type: 'jit', target: ['orders'] }]],
    ['locations that are a text', [{ type: 'jit', locations: 'https://orders.example.com' }]],
    ['actions that are an object', [{ type: 'jit', actions: { admin: true } }]],
    ['actions that are numbers', [{ type: 'jit', actions: [1] }]],
    ['no time at all', [{ type: 'jit', duration_seconds: 0 }]],
    ['a time below nothing', [{ type: 'jit', duration_seconds: -5 }]],
    ['a hundred of them', Array(100).fill({ type: 'jit' })],
    ['a prototype', JSON.parse('[{"__proto__": {"type": "jit"}}]')],
    ['a place, where none was named', [{ type: 'jit', locations: ['https://orders.example.com'] }]],
  ])('INP-04: are not taken where they are %s', (_, details) => {
    expect(judge(details).ok).toBe(false);
  });

  it('are not taken where none were asked for', () => {
    expect(judge([{ type: 'jit' }], { detailsType: null }).ok).toBe(false);
    expect(judge([], { detailsType: null }).ok).toBe(true);
  });

  it('that are an empty list give nothing', () => {
    expect(judge([])).toMatchObject({ ok: true, actions: [] });
  });
});
