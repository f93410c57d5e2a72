import type { PluginKinds } from '../../adapters/config/read-config.ts';
import { CONNECTOR_KINDS } from '../../adapters/connectors/kinds.ts';
import type { ChannelKind } from '../../core/config/channel-kind.ts';
import type { ConnectorKind } from '../../core/config/connector-kind.ts';
import { fail } from '../../core/errors.ts';
import { buildChannelKind } from '../../plugin/channel-kind.ts';
import { loadPlugin } from '../../plugin/load.ts';
import { buildConnectorKind } from '../../plugin/registry.ts';
import { listOwnModules } from '../own-modules.ts';

const OWN_CHANNELS = ['webhook', 'slack'];

/** What the plugins that `jit.yaml` names add to it: kinds of targets, and channels. They are found from its folder. */
export async function loadPluginKinds(names: readonly string[], folder: string): Promise<PluginKinds> {
  const kinds: ConnectorKind[] = [];
  const channelKinds: ChannelKind[] = [];
  for (const name of names) {
    const plugin = `the plugin ${name}`;
    const { connector, channel } = await loadPlugin({ name, folder, ownModules: listOwnModules() });
    if (!connector && !channel)
      throw fail('plugin_unusable', { plugin, why: 'it has no connector and no channel' });
    const known = {
      kinds: [...CONNECTOR_KINDS, ...kinds].map(({ kind }) => kind),
      channels: [...OWN_CHANNELS, ...channelKinds.map((other) => other.name)],
    };
    if (connector) kinds.push(requireNew(buildConnectorKind(connector, plugin), { plugin, known }));
    if (channel) channelKinds.push(requireNew(buildChannelKind(channel, plugin), { plugin, known }));
  }
  return { kinds, channelKinds };
}

type Known = {
  readonly plugin: string;
  readonly known: { readonly kinds: readonly string[]; readonly channels: readonly string[] };
};

function requireNew<T extends ConnectorKind | ChannelKind>(added: T, { plugin, known }: Known): T {
  const [what, name, others] =
    'kind' in added ? ['kind', added.kind, known.kinds] : ['channel', added.name, known.channels];
  if (!others.includes(name)) return added;
  throw fail('plugin_unusable', { plugin, why: `there is a ${what} "${name}" already` });
}
