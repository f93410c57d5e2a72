import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { LONGEST_PATIENCE } from '../../src/core/config/backends/patience.ts';
import { JitError } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import { definePlugin, isApiOffered, type PluginDefinition } from '../../src/plugin/api.ts';
import { BACKEND_METHODS } from '../../src/plugin/contain-backend.ts';
import { isGrantName, nameGrant } from '../../src/plugin/handle.ts';
import { buildConnectorKind, openPluginBackend } from '../../src/plugin/registry.ts';

const clock = createSystemClock();
const document = readFileSync(new URL('../../docs/plugins.md', import.meta.url), 'utf8');

describe('the version of the plugin API', () => {
  it.each([
    ['1', true],
    ['^1.0', true],
    ['1.2', true],
    ['^1.3', false],
    ['^2.0', false],
    ['0', false],
    ['^0.9', false],
    ['*', false],
    ['>=1', false],
    ['', false],
  ])('%s, where 1.2 is offered: %s', (range, isOffered) => {
    expect(isApiOffered(range, '1.2')).toBe(isOffered);
  });
});

describe('docs/plugins.md', () => {
  it('has every method of a backend in its table, and no other', () => {
    const [, table = ''] = document.split('### Methods');
    const named = [...(table.split('### Errors')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
      ([, name]) => name,
    );
    expect(named.toSorted()).toEqual([...BACKEND_METHODS].toSorted());
  });
});

describe('names of grants at a target', () => {
  const parts = { installation: 'abcd1234', target: 'wiki' };

  it('are made of the installation and the grant', () => {
    expect(nameGrant({ ...parts, grantId: 'gr_01x' })).toBe('jit_abcd1234_01x');
    expect(isGrantName('jit_abcd1234_01x', 'abcd1234')).toBe(true);
  });

  it.each(['gr_', 'req_1', 'gr_a b', "gr_'; --", ''])('are not made of %j', (grantId) => {
    expect(() => nameGrant({ ...parts, grantId })).toThrow(JitError);
  });

  it.each([
    'postgres',
    'jit_',
    'jit_abcd1234_',
    'jit_other000_01x',
    'jit_abcd1234_01x; --',
    'xjit_abcd1234_01',
  ])('%j is none of this installation’s', (name) => {
    expect(isGrantName(name, 'abcd1234')).toBe(false);
  });
});

describe('the backend of a plugin', () => {
  const plugin = (seen: unknown[]): PluginDefinition =>
    definePlugin({
      name: 'rota',
      api: '^1.0',
      backend: {
        settings: { team: 'text', token: 'secret?', patience: 'duration?' },
        open: ({ settings }) => {
          seen.push(settings);
          return { close: async () => void seen.push('closed') };
        },
      },
    });
  const open = (settings: Record<string, unknown>, seen: unknown[] = []) =>
    openPluginBackend(plugin(seen), {
      settings,
      clock,
      environment: { TOKEN: 'x' },
      address: 'plugin://work',
      ...LONGEST_PATIENCE,
    });

  it('I5: is opened with its settings as their kinds say, secrets from the environment, and closed', async () => {
    const seen: unknown[] = [];
    const { close } = await open({ team: 'payments', token: '${TOKEN}', patience: '2m' }, seen);
    await close();
    expect(seen).toEqual([{ team: 'payments', token: new Secret('x'), patience: 120 }, 'closed']);
  });

  it.each([
    [{}, 'profiles.work.settings.team: is missing'],
    [{ team: 1 }, 'profiles.work.settings.team: must be text; numbers and true need quotes'],
    [
      { team: 'a', token: 'x' },
      'profiles.work.settings.token: must be the name of a variable, like "${TOKEN}"',
    ],
    [{ team: 'a', token: '${NONE}' }, 'profiles.work.settings.token: NONE is not set'],
    [{ team: 'a', tem: 'b' }, 'profiles.work.settings.tem: is not a setting: did you mean "team"?'],
  ])('I5, INP-03: %j is refused with the key', async (settings, message) => {
    await expect(open(settings)).rejects.toMatchObject({ code: 'settings_invalid', message });
  });

  it.each([
    () => Promise.reject(new Error('no rota for hunter2')),
    () => {
      throw new Error('no rota for hunter2');
    },
  ])('I5: is refused by name where opening it fails', async (open) => {
    const backend = { settings: { token: 'secret' }, open } as const;
    const opening = openPluginBackend(definePlugin({ name: 'rota', api: '^1.0', backend }), {
      settings: { token: '${TOKEN}' },
      clock,
      environment: { TOKEN: 'hunter2' },
      address: 'plugin://work',
      ...LONGEST_PATIENCE,
    });
    await expect(opening).rejects.toMatchObject({
      code: 'plugin_unusable',
      message: 'the plugin rota cannot be used: opening it failed: no rota for [redacted]',
    });
  });
});

describe('the connector of a plugin', () => {
  const connector = {
    kind: 'wiki',
    settings: { url: 'text', password: 'secret?' },
    open: () => expect.fail(),
  } as const;

  it('I5: its secrets are looked for in a file that others may read', () => {
    const kind = buildConnectorKind(connector, 'wiki');
    expect(kind.listSecrets({ url: 'x', password: new Secret('x') })).toEqual([['password']]);
    expect(kind.listSecrets({ url: 'x' })).toEqual([]);
  });

  it.each([{ kind: 'Wiki' }, { kind: '' }, { settings: { url: 'uri' } }, { settings: { url: '__proto__' } }])(
    'is none with %j',
    (wrong) => {
      expect(() => buildConnectorKind({ ...connector, ...wrong } as typeof connector, 'wiki')).toThrow(
        'its connector has no kind, or settings of none',
      );
    },
  );
});
