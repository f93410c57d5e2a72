import { describe, expect, it } from 'vitest';
import { createIds } from '../../../src/adapters/ids.ts';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import type { SettingChange, Store } from '../../../src/core/ports/store.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createSecretReader, createSecretReplacer } from '../../../src/server/compose/secrets.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

const SECRET = new Secret('a secret of the server, 32 bytes');

type Settings = Pick<Store, 'readSetting' | 'replaceSetting' | 'commit'> & {
  readonly kept: Map<string, string>;
  readonly events: Pick<AuditEvent, 'kind' | 'actor' | 'detail'>[];
};

function createSettings(): Settings {
  const kept = new Map<string, string>();
  const events: Settings['events'] = [];
  const replace = ({ name, before, after }: SettingChange): boolean => {
    if (kept.get(name) !== before || after === null) return false;
    kept.set(name, after);
    return true;
  };
  return {
    kept,
    events,
    readSetting: async (name, make) => {
      const value = kept.get(name) ?? (await make());
      kept.set(name, value);
      return value;
    },
    replaceSetting: async (change) => (replace(change) ? 'replaced' : 'lost'),
    commit: async ({ setting, event: { kind, actor, detail } }) => {
      if (!setting || !replace(setting)) return 'lost';
      events.push({ kind, actor, detail });
      return 'committed';
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
    const clock = createFakeClock(0);
    const replace = createSecretReplacer({ store: settings, secret: SECRET, clock, ids: createIds(clock) });
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

  it('is on record with the account whose password it is, and by the one who replaced it', async () => {
    const { settings, read, replace } = open();
    await read();
    const rotated = { target: 'orders', account: 'jit_admin' };
    const tries = ['a', 'b'].map((after) => replace('password', { ...change('first', after), rotated }));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(settings.events).toEqual([{ kind: 'credential.rotated', actor: 'system', detail: rotated }]);
  });

  it('I5: rests sealed as well', async () => {
    const { settings, read, replace } = open();
    await read();
    await replace('password', change('first', 'SECOND-PASSWORD'));
    const [sealed = ''] = settings.kept.values();
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('SECOND');
  });
});
