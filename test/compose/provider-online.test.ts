import { describe, expect, it } from 'vitest';
import { openProviderParts } from '../support/alone/desk.ts';
import { BOTH, order, READ } from '../support/alone/order.ts';
import { startAloneProvider } from '../support/alone/provider.ts';

const SWITCHES = [true, false];
const COMBINATIONS = SWITCHES.flatMap((dpop) =>
  SWITCHES.flatMap((details) => SWITCHES.map((rotates) => ({ dpop, details, rotates }))),
);
const WAYS = ['device', 'browser'] as const;

describe.each(COMBINATIONS)('a provider with DPoP $dpop, RAR $details, rotation $rotates', (switches) => {
  it.each(WAYS)('logs in, refreshes, gives a grant, shows it and takes it back, by %s', async (way) => {
    await using provider = await startAloneProvider(switches);
    const targets = { orders: { resource: 'https://orders.example.com', dpop: switches.dpop } };
    const { engineer, parts, login, renew } = openProviderParts(provider, { more: { targets } });
    expect((await login(way)).name).toBe('mara');
    await renew();
    await renew();
    const { grant, held } = await engineer.request(order());
    expect(grant).toMatchObject({ state: 'active', scopes: ['prod:db.read'], heldBy: 'mara' });
    if (!held) throw new Error('nothing is held');
    const secret = await engineer.requireSecret(held);
    expect(secret.terms?.boundTo).toEqual(switches.dpop ? expect.stringMatching(/^[\w-]{43}$/) : null);
    expect(await provider.isGood(secret.token.reveal())).toBe(true);
    const [device] = provider.forms.filter((form) => form.get('scope') === 'prod:db.read');
    expect(device?.get('resource')).toBe('https://orders.example.com');
    const details: unknown = JSON.parse(device?.get('authorization_details') ?? 'null');
    const wanted = { type: 'jit', target: 'orders', duration_seconds: 300, reason: READ.reason };
    expect(details).toEqual(switches.details ? [expect.objectContaining(wanted)] : null);
    expect((await engineer.readStatus()).grants).toHaveLength(1);
    const { given, failures } = await engineer.giveBack({ grantIds: [held.view.id], because: 'done' });
    expect(failures).toEqual([]);
    expect(given[0]?.grant).toMatchObject({ state: 'ended', revocation: { confirmed: true } });
    expect(await provider.isGood(secret.token.reveal())).toBe(false);
    expect((await parts.held()).grants).toEqual([]);
    await engineer.logout();
    expect(parts.secrets()).toEqual({});
  });
});

describe('a provider that does less', () => {
  it('keeps its token bound to nothing from being taken for a bound one', async () => {
    await using provider = await startAloneProvider({ dpop: false });
    const { engineer, login } = openProviderParts(provider, {
      more: { targets: { orders: { resource: 'https://orders.example.com', dpop: true } } },
    });
    await login();
    await expect(engineer.request(order())).rejects.toMatchObject({ code: 'bad_answer' });
    expect((await engineer.readStatus()).grants).toEqual([]);
  });

  it('is never shown as having given more than it did', async () => {
    await using provider = await startAloneProvider({ gives: 'prod:db.read' });
    const { engineer, login } = openProviderParts(provider);
    await login();
    const { request, grant } = await engineer.request(order(BOTH));
    expect([request.scopes, grant?.scopes]).toEqual([['prod:db.read'], ['prod:db.read']]);
    expect(request.originally.scopes).toEqual(BOTH.scopes);
  });

  it('without revocation leaves it unconfirmed, and says that the token goes on', async () => {
    await using provider = await startAloneProvider({ revokes: false });
    const { engineer, login } = openProviderParts(provider);
    await login();
    const { held } = await engineer.request(order());
    const { given } = await engineer.giveBack({ grantIds: [held?.view.id ?? ''], because: 'done' });
    expect(given[0]?.grant).toMatchObject({
      state: 'revoking',
      revocation: {
        confirmed: false,
        token: 'live',
        lastError: expect.stringContaining('takes no token back'),
      },
    });
  });

  it('without introspection confirms by its answer to the revocation', async () => {
    await using provider = await startAloneProvider({ introspects: false });
    const { engineer, login } = openProviderParts(provider);
    await login();
    const { held } = await engineer.request(order());
    expect((await engineer.readStatus()).grants).toHaveLength(1);
    const { given } = await engineer.giveBack({ grantIds: [held?.view.id ?? ''], because: 'done' });
    expect(given[0]?.grant.revocation.confirmed).toBe(true);
  });
});

describe('what a provider alone has no word for', () => {
  it('is refused by its name', async () => {
    await using provider = await startAloneProvider();
    const { engineer, login } = openProviderParts(provider);
    await login();
    const { held } = await engineer.request(order());
    const refusal = { code: 'not_offered', message: expect.stringContaining(provider.issuer) };
    await expect(engineer.readInbox()).rejects.toMatchObject(refusal);
    await expect(engineer.deny('req_1', 'no')).rejects.toMatchObject(refusal);
    await expect(engineer.listHistory(5, 'lee')).rejects.toMatchObject(refusal);
    const more = { ...READ, extendsGrantId: held?.view.id ?? '' };
    await expect(engineer.request(order(more))).rejects.toMatchObject(refusal);
  });

  it('asks nobody who has not logged in', async () => {
    await using provider = await startAloneProvider();
    const { engineer } = openProviderParts(provider);
    await expect(engineer.request(order())).rejects.toMatchObject({ code: 'login_needed' });
    expect(provider.asked).toEqual([]);
  });
});
