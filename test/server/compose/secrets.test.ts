import { describe, expect, it } from 'vitest';
import type { SettingChange } from '../../../src/core/ports/store.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createSecretReader, createSecretReplacer } from '../../../src/server/compose/secrets.ts';

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
    replaceSetting: async ({ name, before, after }: SettingChange): Promise<'replaced' | 'lost'> => {
      if (kept.get(name) !== before) return 'lost';
      kept.set(name, after);
      return 'replaced';
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

describe('a secret that a connector replaces', () => {
  const open = () => {
    const settings = createSettings();
    const read = createSecretReader(settings, SECRET);
    const replace = createSecretReplacer(settings, SECRET);
    return { settings, read: () => read('password', () => new Secret('first')), replace };
  };
  const change = (before: string, after: string) => ({
    before: new Secret(before),
    after: new Secret(after),
  });

  it('is another for everybody, where it was what the replica had read', async () => {
    const { read, replace } = open();
    await read();
    expect(await replace('password', change('first', 'second'))).toBe(true);
    expect((await read()).reveal()).toBe('second');
    expect(await replace('password', change('first', 'third'))).toBe(false);
    expect((await read()).reveal()).toBe('second');
  });

  it('S1: is replaced by one of those who try at once', async () => {
    const { read, replace } = open();
    await read();
    const tries = ['a', 'b', 'c'].map((after) => replace('password', change('first', after)));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
  });

  it('I5: rests sealed as well', async () => {
    const { settings, read, replace } = open();
    await read();
    await replace('password', change('first', 'SECOND-PASSWORD'));
    const [sealed = ''] = settings.kept.values();
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('SECOND');
  });
});
