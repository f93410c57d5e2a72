import { describe, expect, it } from 'vitest';
import { openProviderParts } from '../../../support/alone/desk.ts';
import { order } from '../../../support/alone/order.ts';
import { startAloneProvider } from '../../../support/alone/provider.ts';

const WAYS = ['device', 'browser'] as const;
const STRONG = {
  error: 'insufficient_user_authentication',
  acr_values: 'phishing-resistant',
  max_age: 600,
};

/** What the provider was asked for with the scope of a target. */
function listAsked(forms: readonly URLSearchParams[]): readonly Record<string, string>[] {
  const asked = forms.filter((form) => form.get('scope')?.includes('prod:db.read'));
  return asked.map((form) => Object.fromEntries(form));
}

describe.each(WAYS)('a provider that wants another login than it got (RFC 9470), asked by %s', (way) => {
  it('is asked once more with the login that it names', async () => {
    await using provider = await startAloneProvider({ challenge: STRONG });
    const { engineer, login } = openProviderParts(provider);
    await login(way);
    // Some say that they gave what was asked for to name who it is.
    provider.onTokens = (body) => {
      body.scope = `openid ${body.scope}`;
    };
    const { grant } = await engineer.request(order());
    expect(grant).toMatchObject({ state: 'active', scopes: ['prod:db.read'] });
    const [first, second, ...more] = listAsked(provider.forms);
    expect(first).not.toHaveProperty('acr_values');
    expect(second).toMatchObject({
      scope: 'openid prod:db.read',
      acr_values: 'phishing-resistant',
      max_age: '600',
    });
    expect(second).not.toHaveProperty('prompt');
    expect(more).toEqual([]);
  });

  it.each(['login_required', 'interaction_required', 'unmet_authentication_requirements'])(
    'is asked once more with a new login where it says %s and no more',
    async (error) => {
      await using provider = await startAloneProvider({ challenge: { error } });
      const { engineer, login } = openProviderParts(provider);
      await login(way);
      expect((await engineer.request(order())).grant?.state).toBe('active');
      expect(listAsked(provider.forms).map(({ prompt }) => prompt)).toEqual([undefined, 'login']);
    },
  );

  it('is not asked a third time', async () => {
    await using provider = await startAloneProvider({ challenge: { ...STRONG, isDeaf: 1 } });
    const { engineer, login, parts } = openProviderParts(provider);
    await login(way);
    await expect(engineer.request(order())).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('insufficient_user_authentication'),
    });
    expect(listAsked(provider.forms)).toHaveLength(2);
    expect(Object.keys(parts.secrets())).toEqual(['session']);
  });

  it.each([
    ['an age that is no number', { acr_values: 'a', max_age: 'soon' }, { acr_values: 'a' }],
    ['an age below nothing', { acr_values: 'a', max_age: -1 }, { acr_values: 'a' }],
    ['strengths that are empty', { acr_values: '', max_age: 5 }, { max_age: '5' }],
    ['strengths with a line break', { acr_values: 'a\nb', max_age: 5 }, { max_age: '5' }],
    ['an age alone', { max_age: 5 }, { max_age: '5' }],
  ])('takes nothing from a challenge but what it can be: %s', async (_, members, wanted) => {
    await using provider = await startAloneProvider({
      challenge: { error: 'insufficient_user_authentication', ...members },
    });
    const { engineer, login } = openProviderParts(provider);
    await login(way);
    await engineer.request(order());
    const { acr_values, max_age } = listAsked(provider.forms)[1] ?? {};
    const asked = Object.entries({ acr_values, max_age }).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(asked)).toEqual(wanted);
  });
});

describe('a provider that refuses', () => {
  it.each([
    ['invalid_scope', 'denied'],
    ['invalid_target', 'denied'],
    ['invalid_authorization_details', 'denied'],
    ['access_denied', 'denied'],
    ['invalid_client', 'failed'],
    ['unauthorized_client', 'failed'],
    ['invalid_request', 'failed'],
  ])('with %s is %s, in its own words', async (error, code) => {
    await using provider = await startAloneProvider();
    const { engineer, login } = openProviderParts(provider);
    await login();
    provider.answers.set('/device/auth', {
      status: 400,
      body: { error, error_description: 'not on Sundays' },
    });
    await expect(engineer.request(order())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(`${error}[,:] not on Sundays`),
    });
  });

  it('is 3 where nobody says anything in time', async () => {
    await using provider = await startAloneProvider();
    const { engineer, login } = openProviderParts(provider);
    await login();
    provider.answers.set('/token', { status: 400, body: { error: 'expired_token' } });
    await expect(engineer.request(order())).rejects.toMatchObject({ code: 'lapsed', exitCode: 3 });
    provider.answers.set('/token', { status: 400, body: { error: 'authorization_pending' } });
    await expect(engineer.request(order())).rejects.toMatchObject({ code: 'lapsed', exitCode: 3 });
  });
});
