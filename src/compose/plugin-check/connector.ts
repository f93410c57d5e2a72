import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeInstallationId } from '../../adapters/ids.ts';
import { fail } from '../../core/errors.ts';
import type { PluginCheckOrder, TestResult } from '../../core/plugin-report.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ConnectorPlugin } from '../../plugin/api.ts';
import { openPluginConnector, requireSettings } from '../../plugin/registry.ts';
import { runSuite } from '../../plugin/run-suite.ts';
import { type ConnectorSubject, connectorLoginSuite, connectorSuite } from '../../testing/connector.ts';

export type ConnectorCheckParts = {
  readonly connector: ConnectorPlugin;
  readonly clock: Clock;
  readonly folder: string;
  readonly plugin: string;
};

/** A connector, tried at the target that its settings name, as an installation that nobody has. */
export async function checkConnector(
  { connector, clock, folder, plugin }: ConnectorCheckParts,
  order: PluginCheckOrder,
): Promise<readonly TestResult[]> {
  const { check } = connector;
  const written =
    order.settingsFile === null ? check?.settings : await readSettings(resolve(folder, order.settingsFile));
  const scopes = order.scope === null ? check?.scopes : [order.scope];
  if (!scopes || scopes.length === 0)
    throw fail('usage', {
      why: `${plugin} does not say what it can issue: give it "check", or name it with --scope`,
    });
  const settings = requireSettings(connector.settings ?? {}, written ?? {}, 'settings');
  const target = { name: order.target ?? 'checked', audience: 'https://checked.example', settings };
  const parts = { clock, installation: makeInstallationId() };
  const open = async (): Promise<ConnectorSubject> => ({
    connector: openPluginConnector(connector, { ...parts, target }),
    clock,
    scopes,
  });
  const running = runSuite({
    part: 'connector',
    onResult: order.onResult,
    register: (runner) => {
      connectorSuite(runner, open);
      const login = check?.login;
      if (login) connectorLoginSuite(runner, async () => ({ ...(await open()), login }));
    },
  });
  return running.finally(() => check?.close?.());
}

async function readSettings(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw fail('settings_invalid', { at: path, why: 'cannot be read as JSON' }, error);
  }
  throw fail('settings_invalid', { at: path, why: 'is no JSON object' });
}
