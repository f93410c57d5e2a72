import { fail } from '../core/errors.ts';
import type { SettingKinds, Settings } from './api.ts';

const VARIABLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/**
 * Settings of a profile, with its secrets taken from the environment: `config.toml` is no place for one (I5), so a secret is
 * the name of a variable there, as in `${ROTA_TOKEN}`. `settings_invalid` otherwise.
 */
export function fillSecrets(
  settings: Settings,
  options: {
    readonly kinds: SettingKinds;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly at: string;
  },
): Settings {
  const { kinds, environment, at } = options;
  const filled = Object.entries(settings).map(([name, value]) => {
    if (!Object.hasOwn(kinds, name) || !kinds[name]?.startsWith('secret')) return [name, value];
    const variable = typeof value === 'string' ? VARIABLE.exec(value)?.[1] : undefined;
    const place = `${at}.${name}`;
    if (variable === undefined)
      throw fail('settings_invalid', { at: place, why: 'must be the name of a variable, like "${TOKEN}"' });
    const found = environment[variable];
    if (found === undefined) throw fail('settings_invalid', { at: place, why: `${variable} is not set` });
    return [name, found];
  });
  return Object.fromEntries(filled);
}
