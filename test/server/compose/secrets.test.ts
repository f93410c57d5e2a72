import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { createSecretReader } from '../../../src/server/compose/secrets.ts';

const SECRET = new Secret('a secret of the server, 32 bytes');

function createSettings() {
  const kept = new Map<string, string>();
  return {
    kept,
    readSetting: async (name: string, make: () => Promise<string>): Promise<string> => {
      const value = kept.get(name) ?? (await make());
      kept.set(name, value);
      return value;
    },
  };
}

describe('a secret that a connector makes for itself', () => {
  it('is the same for every replica', async () => {
    const settings = createSettings();
    const made = await createSecretReader(settings, SECRET)('key of web', () => new Secret('first'));
    const again = await createSecretReader(settings, SECRET)('key of web', () => new Secret('second'));
    expect([made.reveal(), again.reveal()]).toEqual(['first', 'first']);
  });

  it('I5: rests sealed, under the server’s secret and its own name', async () => {
    const settings = createSettings();
    await createSecretReader(settings, SECRET)('key of web', () => new Secret('-----BEGIN PRIVATE KEY-----'));
    const [sealed = ''] = settings.kept.values();
    expect(sealed).not.toContain('PRIVATE');
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('PRIVATE');
    settings.kept.set('key of db', sealed);
    const make = () => new Secret('never');
    await expect(createSecretReader(settings, SECRET)('key of db', make)).rejects.toMatchObject({
      code: 'config_invalid',
    });
    const other = new Secret('another secret of 32 bytes, no less');
    await expect(createSecretReader(settings, other)('key of web', make)).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});
