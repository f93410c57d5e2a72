import type { PluginPatience } from '../core/client-config.ts';
import { type ConnectorKind, defineConnectorKind } from '../core/config/connector-kind.ts';
import { buildSettingEntries, decodeSettings } from '../core/config/plugin-settings.ts';
import { fail } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Connector } from '../core/ports/connector.ts';
import type {
  ConnectorPlugin,
  ConnectorPluginParts,
  ConnectorTarget,
  PluginBackend,
  PluginConnector,
  PluginDefinition,
  SettingKinds,
  Settings,
} from './api.ts';
import { containBackend, type OpenPluginBackend } from './contain-backend.ts';
import { containConnector } from './contain-connector.ts';
import { fillSecrets } from './fill-secrets.ts';
import { openLaterOrRefuse, openOrRefuse } from './open-or-refuse.ts';

const KIND = /^[a-z][a-z0-9-]{0,31}$/;

/** A plugin's connector as a kind of target like any other. `plugin_unusable` where it cannot be one. */
export function buildConnectorKind(connector: ConnectorPlugin, plugin: string): ConnectorKind {
  const { kind, settings: kinds = {} } = connector;
  const entries = buildSettingEntries(kinds);
  if (!entries || typeof kind !== 'string' || !KIND.test(kind))
    throw fail('plugin_unusable', { plugin, why: 'its connector has no kind, or settings of none' });
  return defineConnectorKind({
    kind,
    entries,
    listSecrets: (settings) =>
      Object.keys(settings)
        .filter((name) => kinds[name]?.startsWith('secret'))
        .map((name) => [name]),
    open: ({ name, audience, settings }, parts) =>
      openPluginConnector(connector, { ...parts, target: { name, audience, settings } }),
  });
}

export type OpenConnectorOrder = ConnectorPluginParts & { readonly target: ConnectorTarget };

const REQUIRED = ['issue', 'probe', 'remove', 'list'];

/** What a plugin opens for a target, contained. `plugin_unusable` where it opens no connector. */
export function openPluginConnector(
  plugin: ConnectorPlugin,
  { target, ...parts }: OpenConnectorOrder,
): Connector {
  const { kind } = plugin;
  const opened = openOrRefuse<unknown>({
    plugin: `the kind ${kind}`,
    settings: target.settings,
    open: () => plugin.open(target, parts),
  });
  const missing = REQUIRED.find((method) => !hasMethod(opened, method));
  if (missing === undefined) return containConnector(opened as PluginConnector, { ...parts, kind, target });
  throw fail('plugin_unusable', { plugin: `the kind ${kind}`, why: `it has no "${missing}"` });
}

function hasMethod(opened: unknown, name: string): boolean {
  return isObject(opened) && typeof Reflect.get(opened, name) === 'function';
}

export type OpenBackendOrder = PluginPatience & {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly address: string;
};

/**
 * The backend of a plugin, whole and contained. `settings_invalid` where its settings are not what it says,
 * `plugin_unusable` where it opens none.
 */
export async function openPluginBackend(
  { name, backend }: PluginDefinition,
  { settings, environment, ...order }: OpenBackendOrder,
): Promise<OpenPluginBackend> {
  const plugin = `the plugin ${name}`;
  if (!backend) throw fail('plugin_unusable', { plugin, why: 'it has no backend' });
  const profile = order.address.replace('plugin://', '');
  const at = `profiles.${profile}.settings`;
  const kinds = backend.settings ?? {};
  const decoded = requireSettings(kinds, fillSecrets(settings, { kinds, environment, at }), at);
  const open = (): unknown => backend.open({ settings: decoded, clock: order.clock, profile });
  const opened = await openLaterOrRefuse({ plugin, settings: decoded, open }, order.clock);
  if (!isObject(opened)) throw fail('plugin_unusable', { plugin, why: 'it opens no backend' });
  const label = `the plugin "${profile}" (${name})`;
  return containBackend(opened, { ...order, label, settings: decoded });
}

function isObject(opened: unknown): opened is PluginBackend {
  return typeof opened === 'object' && opened !== null;
}

/** Settings as their kinds say; `settings_invalid` with the key otherwise. */
export function requireSettings(kinds: SettingKinds, settings: Settings, at: string): Settings {
  const decoded = decodeSettings(kinds, settings);
  if (decoded.ok) return decoded.settings;
  const [first] = decoded.complaints;
  throw fail('settings_invalid', {
    at: [at, ...(first?.path ?? [])].join('.'),
    why: first?.why ?? 'is wrong',
  });
}
