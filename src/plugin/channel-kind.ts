import type { ChannelKind } from '../core/config/channel-kind.ts';
import { buildSettingEntries } from '../core/config/plugin-settings.ts';
import { fail } from '../core/errors.ts';
import type { ChannelPlugin, PluginChannel, Settings } from './api.ts';
import { containChannel } from './contain-channel.ts';
import { openOrRefuse } from './open-or-refuse.ts';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** A plugin's channel as one that can be configured. `plugin_unusable` where it cannot be one. */
export function buildChannelKind(channel: ChannelPlugin, plugin: string): ChannelKind {
  const { name, settings: kinds = {} } = channel;
  const entries = buildSettingEntries(kinds);
  if (!entries || typeof name !== 'string' || !NAME.test(name))
    throw fail('plugin_unusable', { plugin, why: 'its channel has no name, or settings of no kind' });
  const listOf = (kind: string, settings: Settings): readonly string[] =>
    Object.keys(settings).filter((setting) => kinds[setting]?.startsWith(kind));
  return {
    name,
    entries,
    listSecrets: (settings) => listOf('secret', settings),
    listAddresses: (settings) => listOf('address', settings).map((setting) => String(settings[setting])),
    open: (settings, { clock, call }) => {
      const opened = openOne(channel, { plugin, parts: { name, settings, clock, call } });
      return containChannel(opened, { name, clock, settings });
    },
  };
}

type Opening = { readonly plugin: string; readonly parts: Parameters<ChannelPlugin['open']>[0] };

function openOne(channel: ChannelPlugin, { plugin, parts }: Opening): PluginChannel {
  const opened = openOrRefuse<unknown>({ plugin, settings: parts.settings, open: () => channel.open(parts) });
  if (typeof opened === 'object' && opened !== null && 'deliver' in opened) return opened as PluginChannel;
  throw fail('plugin_unusable', { plugin, why: 'its channel has no "deliver"' });
}
