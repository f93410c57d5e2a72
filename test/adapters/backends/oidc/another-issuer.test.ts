import { describe, expect, it } from 'vitest';
import { openProviderParts } from '../../../support/alone/desk.ts';
import { order } from '../../../support/alone/order.ts';
import { startAloneProvider } from '../../../support/alone/provider.ts';

describe('a profile that names another provider than it did', () => {
  it('I5: gives that one neither the session nor the tokens of the first, and says so', async () => {
    await using first = await startAloneProvider();
    await using second = await startAloneProvider();
    const before = openProviderParts(first);
    await before.login();
    const { held } = await before.engineer.request(order());
    const id = held?.view.id ?? '';
    const { engineer, backend, renew } = openProviderParts(second, { like: before });
    const { given, failures } = await engineer.giveBack({ grantIds: [id], because: 'done' });
    expect([given, failures]).toMatchObject([
      [],
      [
        {
          code: 'no_grant',
          message: `${id} was given by ${first.issuer}, and the profile names ${second.issuer}`,
        },
      ],
    ]);
    expect((await backend.readStatus()).grants).toMatchObject([{ id, state: 'active' }]);
    await expect(engineer.request(order())).rejects.toMatchObject({ code: 'login_needed' });
    await expect(renew()).rejects.toMatchObject({ code: 'login_needed' });
    await engineer.logout().catch(() => undefined);
    expect(second.asked.filter((line) => line.startsWith('POST'))).toEqual([]);
  });

  it('is as it was where it names the first again', async () => {
    await using first = await startAloneProvider();
    const before = openProviderParts(first);
    await before.login();
    const { held } = await before.engineer.request(order());
    const { engineer } = openProviderParts(first, { like: before });
    const { given } = await engineer.giveBack({ grantIds: [held?.view.id ?? ''], because: 'done' });
    expect(given).toMatchObject([{ grant: { state: 'ended', revocation: { confirmed: true } } }]);
  });
});
