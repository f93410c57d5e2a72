import { CONNECTOR_KINDS } from '../../adapters/connectors/kinds.ts';
import type { ConnectorKind } from '../../core/config/connector-kind.ts';
import { fail } from '../../core/errors.ts';
import { loadPlugin } from '../../plugin/load.ts';
import { buildConnectorKind } from '../../plugin/registry.ts';
import { listOwnModules } from '../own-modules.ts';

/** The kinds of targets of the plugins that `jit.yaml` names, which are found from its folder. */
export async function loadPluginKinds(
  names: readonly string[],
  folder: string,
): Promise<readonly ConnectorKind[]> {
  const kinds: ConnectorKind[] = [];
  for (const name of names) {
    const kind = await loadKind(name, folder);
    if ([...CONNECTOR_KINDS, ...kinds].some((known) => known.kind === kind.kind)) {
      const why = `there is a kind "${kind.kind}" already`;
      throw fail('plugin_unusable', { plugin: `the plugin ${name}`, why });
    }
    kinds.push(kind);
  }
  return kinds;
}

async function loadKind(name: string, folder: string): Promise<ConnectorKind> {
  const { connector } = await loadPlugin({ name, folder, ownModules: listOwnModules() });
  if (connector) return buildConnectorKind(connector, `the plugin ${name}`);
  throw fail('plugin_unusable', { plugin: `the plugin ${name}`, why: 'it has no connector' });
}
