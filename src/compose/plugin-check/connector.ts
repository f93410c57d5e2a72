import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeInstallationId } from '../../adapters/ids.ts';
import { fail } from '../../core/errors.ts';
import type { PluginCheckOrder, TestResult } from '../../core/plugin-report.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Connector } from '../../core/ports/connector.ts';
import type { Scope } from '../../core/scope.ts';
import type { Secret } from '../../core/secret.ts';
import type { ConnectorPlugin, ConnectorPluginParts } from '../../plugin/api.ts';
import { openPluginConnector, requireSettings } from '../../plugin/registry.ts';
import { runSuite } from '../../plugin/run-suite.ts';
import { type CertificateSubject, certificateSuite } from '../../testing/certificates.ts';
import { type ConnectorSubject, connectorLoginSuite, connectorSuite } from '../../testing/connector.ts';

/** No connector is told of it. */
const UNKNOWN_SCOPE = 'jit-plugin-check:nothing.read';

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
  const parts = { clock, installation: makeInstallationId(), readSecret: createSecretReader() };
  const openConnector = (): Connector => openPluginConnector(connector, { ...parts, target });
  const open = async (): Promise<ConnectorSubject> => ({ connector: openConnector(), clock, scopes });
  const signs = await signsCertificates(openConnector());
  const running = runSuite({
    part: 'connector',
    onResult: order.onResult,
    register: (runner) => {
      connectorSuite(runner, open);
      const login = check?.login;
      if (login) connectorLoginSuite(runner, async () => ({ ...(await open()), login }));
      if (signs) certificateSuite(runner, () => openAuthority(openConnector(), scopes));
    },
  });
  return running.finally(() => check?.close?.());
}

async function signsCertificates(connector: Connector): Promise<boolean> {
  await connector.close();
  return connector.certificates !== undefined;
}

function openAuthority(connector: Connector, scopes: readonly Scope[]): CertificateSubject {
  const { certificates } = connector;
  if (!certificates) throw new Error('it signed certificates before, and does not now');
  return { authority: certificates, scopes, unknownScope: UNKNOWN_SCOPE, close: () => connector.close() };
}

/** As a server's store: the first that is made stays. */
function createSecretReader(): ConnectorPluginParts['readSecret'] {
  const kept = new Map<string, Secret>();
  return async (name, make) => {
    const secret = kept.get(name) ?? make();
    kept.set(name, secret);
    return secret;
  };
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
