import { createSystemClock } from '../adapters/clock.ts';
import type { ClientConfig, PluginChoice } from '../core/client-config.ts';
import { LONGEST_PATIENCE } from '../core/config/backends/patience.ts';
import { fail } from '../core/errors.ts';
import type { PluginCheckOrder, TestResult } from '../core/plugin-report.ts';
import { loadPlugin } from '../plugin/load.ts';
import { listOwnModules } from './own-modules.ts';
import { checkBackend } from './plugin-check/backend.ts';
import { checkChannel } from './plugin-check/channel.ts';
import { checkConnector } from './plugin-check/connector.ts';
import type { PluginParts } from './plugin-online.ts';

export type PluginCheckParts = PluginParts & {
  readonly readConfig: () => Promise<ClientConfig>;
  /** Where paths and packages begin. */
  readonly folder: string;
};

const PATH = /^(\.{0,2}\/|\.)/;
const MODULE = /\.[cm]?[jt]s$/;

/**
 * Runs the contract suite of every part that a plugin has. A backend really is asked for access, and gives it back.
 * `plugin_unusable` where there is nothing to try.
 */
export async function checkPlugin(
  parts: PluginCheckParts,
  order: PluginCheckOrder,
): Promise<readonly TestResult[]> {
  const clock = createSystemClock();
  const choice = await findBackendChoice(parts, order.name);
  if (choice) {
    const folders = { ...parts.folders, ...(PATH.test(order.name) ? { config: parts.folder } : {}) };
    const name = /[a-z0-9][a-z0-9._-]*$/.exec(order.name)?.[0] ?? 'plugin';
    return checkBackend({ ...parts, folders, choice, clock, address: `plugin://${name}` }, order);
  }
  const found = { name: order.name.replace(/^npm:/, ''), folder: parts.folder, ownModules: listOwnModules() };
  const { name, backend, connector, channel } = await loadPlugin(found);
  const results = [
    ...(connector
      ? await checkConnector({ connector, clock, folder: parts.folder, plugin: name }, order)
      : []),
    ...(channel ? await checkChannel({ channel, clock, plugin: name }, order) : []),
  ];
  if (backend && results.length === 0) {
    const why = 'it has a backend: name the profile that uses it, for its settings';
    throw fail('plugin_unusable', { plugin: name, why });
  }
  return results;
}

/** The backend that a profile names, or an executable that was named itself. */
async function findBackendChoice(parts: PluginCheckParts, name: string): Promise<PluginChoice | undefined> {
  if (PATH.test(name)) {
    if (MODULE.test(name)) return undefined;
    return {
      kind: 'exec',
      command: name,
      args: [],
      sha256: null,
      environment: [],
      ...LONGEST_PATIENCE,
    };
  }
  const { profiles } = await parts.readConfig();
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile && !profile.backend)
    throw fail('plugin_unusable', {
      plugin: `the profile "${name}"`,
      why: 'its backend is a jit server, not a plugin',
    });
  if (profile?.backend?.kind !== 'oidc') return profile?.backend;
  throw fail('plugin_unusable', {
    plugin: `the profile "${name}"`,
    why: 'its backend is an OAuth provider, which jit speaks to itself: there is no plugin to try',
  });
}
