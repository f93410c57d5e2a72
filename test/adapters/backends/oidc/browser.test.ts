import { describe, expect, it } from 'vitest';
import { createFormBrowser } from '../../../../src/adapters/form-browser.ts';
import { LOGIN_CLIENT } from '../../../support/alone/configuration.ts';
import { openProviderParts } from '../../../support/alone/desk.ts';
import { order } from '../../../support/alone/order.ts';
import { startAloneProvider } from '../../../support/alone/provider.ts';

const TARGETS = { orders: { resource: 'https://orders.example.com', dpop: true } };

/** The address that the provider sends the browser back to, changed on its way. */
function changing(change: (back: URL) => void) {
  return async (link: string): Promise<string> => {
    const url = new URL(link);
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('code', 'a-code');
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    back.searchParams.set('iss', url.origin);
    change(back);
    return (await fetch(back)).text();
  };
}

describe('a provider that is asked by the browser', () => {
  it.each([true, false])('gives a grant, with a key %s, and takes it back', async (dpop) => {
    await using provider = await startAloneProvider({ dpop, details: true });
    const more = dpop ? { targets: TARGETS } : {};
    const { engineer, login, page, told } = openProviderParts(provider, { more });
    expect(await login('browser')).toMatchObject({ name: 'mara', login: { method: 'browser' } });
    expect(await page()).toContain('The terminal is logged in');
    const { grant, held } = await engineer.request(order());
    expect(grant).toMatchObject({ state: 'active', scopes: ['prod:db.read'] });
    expect(await page()).toContain('The terminal has its access');
    expect(told.join('\n')).toContain('in a browser on this computer');
    const asked = provider.forms.find((form) => form.get('scope') === 'prod:db.read');
    expect(Object.fromEntries(asked ?? [])).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      login_hint: 'mara',
      resource: 'https://orders.example.com',
      authorization_details: expect.stringContaining('INC-4211'),
      ...(dpop ? { dpop_jkt: expect.stringMatching(/^[\w-]{43}$/) } : {}),
    });
    const secret = held && (await engineer.requireSecret(held));
    expect(await provider.isGood(secret?.token.reveal() ?? '')).toBe(true);
    const { given } = await engineer.giveBack({ grantIds: [held?.view.id ?? ''], because: 'done' });
    expect(given[0]?.grant.revocation.confirmed).toBe(true);
    expect(await provider.isGood(secret?.token.reveal() ?? '')).toBe(false);
  });

  it.each(['device', 'browser'] as const)(
    'that wants its own nonces in proofs gets them (by %s)',
    async (way) => {
      await using provider = await startAloneProvider({ dpop: true, nonces: true });
      const { engineer, login, renew } = openProviderParts(provider, { more: { targets: TARGETS } });
      await login(way);
      await renew();
      expect((await engineer.request(order())).grant?.state).toBe('active');
    },
  );

  it('that takes no long address is told before what is asked (RFC 9126)', async () => {
    await using provider = await startAloneProvider({ pushes: true, details: true });
    const { engineer, login, told } = openProviderParts(provider);
    await login('browser');
    expect((await engineer.request(order())).grant?.state).toBe('active');
    expect(told.join('\n')).not.toContain('INC-4211');
    expect(provider.asked.filter((line) => line === 'POST /request')).toHaveLength(2);
  });

  it('is asked by a code where the login was by a code, and the other way round', async () => {
    await using provider = await startAloneProvider();
    const { engineer, login } = openProviderParts(provider);
    await login('device');
    await engineer.request(order());
    expect(provider.asked.filter((line) => line === 'POST /device/auth')).toHaveLength(2);
    await login('browser');
    await engineer.request(order());
    expect(provider.asked.filter((line) => line === 'POST /device/auth')).toHaveLength(2);
  });

  it('says where to log in instead, where it has no device codes', async () => {
    await using provider = await startAloneProvider({ device: false });
    const { engineer, login } = openProviderParts(provider);
    await expect(login('device')).rejects.toMatchObject({
      code: 'login_not_offered',
      hint: 'jit login --browser',
    });
    await login('browser');
    expect((await engineer.request(order())).grant?.state).toBe('active');
  });

  it.each<[string, (back: URL) => void]>([
    ['is another issuer’s (RFC 9207)', (back) => back.searchParams.set('iss', 'https://evil.example')],
    ['names no issuer, though this one always does', (back) => back.searchParams.delete('iss')],
    [
      'is a no of another issuer’s',
      (back) => {
        back.searchParams.set('iss', 'https://evil.example');
        back.searchParams.set('error', 'access_denied');
      },
    ],
    ['has a code that the provider did not make', () => undefined],
    ['has no code', (back) => back.searchParams.delete('code')],
  ])('INP-04: keeps nothing of an answer that %s', async (_, change) => {
    await using provider = await startAloneProvider();
    let isChanged = false;
    const { engineer, login, parts, page } = openProviderParts(provider, {
      confirm: (link) => (isChanged ? changing(change)(link) : provider.confirm(link)),
    });
    await login('browser');
    isChanged = true;
    await expect(engineer.request(order())).rejects.toMatchObject({
      code: expect.stringMatching(/^(bad_answer|failed)$/),
    });
    expect(await page()).toContain('The terminal has no access');
    expect(Object.keys(parts.secrets())).toEqual(['session']);
  });

  it('is 3 where somebody says no', async () => {
    await using provider = await startAloneProvider();
    let saysNo = false;
    const no = changing((back) => {
      back.searchParams.delete('code');
      back.searchParams.set('error', 'access_denied');
    });
    const confirm = (link: string) => (saysNo ? no(link) : provider.confirm(link));
    const { engineer, login } = openProviderParts(provider, { confirm });
    await login('browser');
    saysNo = true;
    await expect(engineer.request(order())).rejects.toMatchObject({
      code: 'denied',
      exitCode: 3,
      message: `prod:db.read was denied: ${provider.issuer} says no (access_denied)`,
    });
    await expect(login('browser')).rejects.toMatchObject({ code: 'login_denied' });
  });

  it.each(['device', 'browser'] as const)(
    'that counts all tokens of one client and visitor as one ends the login with a grant (by %s)',
    async (way) => {
      await using provider = await startAloneProvider();
      const visitor = createFormBrowser();
      const confirm = (link: string) => provider.confirm(link, visitor);
      const { engineer, login, renew } = openProviderParts(provider, { confirm });
      await login(way);
      const { held } = await engineer.request(order());
      await renew();
      await engineer.giveBack({ grantIds: [held?.view.id ?? ''], because: 'done' });
      await expect(renew()).rejects.toMatchObject({ code: 'session_expired' });
    },
  );

  it.each(['device', 'browser'] as const)(
    'leaves the login alone where another client has logged in (by %s)',
    async (way) => {
      await using provider = await startAloneProvider();
      const visitor = createFormBrowser();
      const confirm = (link: string) => provider.confirm(link, visitor);
      const more = { login_client_id: LOGIN_CLIENT };
      const { engineer, login, renew, parts } = openProviderParts(provider, { confirm, more });
      await login(way);
      const { held } = await engineer.request(order());
      await engineer.giveBack({ grantIds: [held?.view.id ?? ''], because: 'done' });
      await renew();
      expect((await engineer.request(order())).grant?.state).toBe('active');
      await engineer.logout();
      expect(parts.secrets()).toEqual({});
    },
  );
});
