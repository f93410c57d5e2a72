import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { checkChannel } from '../../src/compose/plugin-check/channel.ts';
import { checkConnector } from '../../src/compose/plugin-check/connector.ts';
import { checkPlugin, type PluginCheckParts } from '../../src/compose/plugin-check.ts';
import { EMPTY_CREDENTIAL } from '../../src/core/credential.ts';
import type { PluginCheckOrder, TestResult } from '../../src/core/plugin-report.ts';
import type { CertificateAuthority } from '../../src/core/ports/certificates.ts';
import { Secret } from '../../src/core/secret.ts';
import type { ConnectorPlugin, ConnectorPluginParts } from '../../src/plugin/api.ts';
import { nameGrant } from '../../src/plugin/handle.ts';
import { openTestSshConnector } from '../support/ssh/connector.ts';

const clock = createSystemClock();
const order: PluginCheckOrder = {
  name: 'bastion',
  scope: null,
  reviewedScope: null,
  target: null,
  settingsFile: null,
  onResult: () => undefined,
};

type Seen = { readonly secrets: Set<string>; opened: number; closed: number };

/** A connector that makes nothing, and signs as the ssh connector does, or carelessly. */
function buildBastion(seen: Seen, change: (authority: CertificateAuthority) => CertificateAuthority) {
  const { certificates } = openTestSshConnector();
  if (!certificates) throw new Error('the connector signs nothing');
  return {
    kind: 'bastion',
    check: { scopes: ['prod:db.read'] },
    open: ({ name: target }, { installation, readSecret }: ConnectorPluginParts) => {
      seen.opened += 1;
      return {
        certificates: change(certificates),
        plan: (grantId) => nameGrant({ installation, grantId, target }),
        issue: async () => {
          const key = await readSecret('bastion', () => new Secret(`key ${seen.opened}`));
          seen.secrets.add(key.reveal());
          return EMPTY_CREDENTIAL;
        },
        probe: async () => undefined,
        extend: async () => undefined,
        remove: async () => ({ sessionsEnded: 0 }),
        list: async () => [],
        activity: async () => null,
        close: async () => {
          seen.closed += 1;
        },
      };
    },
  } satisfies ConnectorPlugin;
}

async function check(
  seen: Seen,
  change: (authority: CertificateAuthority) => CertificateAuthority = (same) => same,
): Promise<readonly TestResult[]> {
  const connector = buildBastion(seen, change);
  return checkConnector({ connector, clock, folder: '/', plugin: 'bastion' }, order);
}

const listFailed = (results: readonly TestResult[]): readonly string[] =>
  results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);

describe('jit plugin check of a connector', () => {
  it('tries its certificates, where it signs any, and closes everything that it opened', async () => {
    const seen: Seen = { secrets: new Set(), opened: 0, closed: 0 };
    const results = await check(seen);
    expect(listFailed(results)).toEqual([]);
    expect(results.map(({ name }) => name)).toContain('TOK-04: a certificate is never good beyond its grant');
    expect([seen.closed, seen.opened]).toEqual([seen.opened, 13]);
  });

  it('gives it one secret under one name, as a server does', async () => {
    const seen: Seen = { secrets: new Set(), opened: 0, closed: 0 };
    await check(seen);
    expect(seen.secrets.size).toBe(1);
  });

  it('fails where a certificate outlives its grant', async () => {
    const seen: Seen = { secrets: new Set(), opened: 0, closed: 0 };
    const results = await check(seen, (authority) => ({
      ...authority,
      sign: (wanted) => authority.sign({ ...wanted, expiresAt: wanted.expiresAt + 600_000 }),
    }));
    expect(listFailed(results)).toEqual(['TOK-04: a certificate is never good beyond its grant']);
  });
});

describe('jit plugin check of a channel', () => {
  it('I5: looks for the secrets of its settings in what the other side received', async () => {
    const received: string[] = [];
    const results = await checkChannel(
      {
        plugin: 'blabber',
        clock,
        channel: {
          name: 'blabber',
          settings: { key: 'secret' },
          open: ({ settings }) => ({
            deliver: async ({ request }) => {
              const key = settings.key instanceof Secret ? settings.key.reveal() : '';
              received.push(`${request.id} ${key}`);
              return undefined;
            },
          }),
          check: async () => ({
            settings: { key: 'hunter2' },
            received: () => received,
            refuse: () => undefined,
            hang: () => undefined,
            close: async () => undefined,
          }),
        },
      },
      order,
    );
    expect(listFailed(results)).toContain('I5: carries no secret');
  });

  it('cannot be made where it brings no other side', async () => {
    const channel = { name: 'mute', open: () => ({ deliver: async () => undefined }) };
    await expect(checkChannel({ plugin: 'mute', clock, channel }, order)).rejects.toMatchObject({
      code: 'plugin_unusable',
    });
  });
});

describe('jit plugin check of a profile', () => {
  it.each([
    [undefined, 'its backend is a jit server, not a plugin'],
    [
      { kind: 'oidc' },
      'its backend is an OAuth provider, which jit speaks to itself: there is no plugin to try',
    ],
  ])('whose backend is %j says why there is nothing to try', async (backend, why) => {
    const parts = { folder: '/', readConfig: async () => ({ profiles: { work: { backend } } }) };
    const checking = checkPlugin(parts as unknown as PluginCheckParts, { ...order, name: 'work' });
    await expect(checking).rejects.toMatchObject({
      code: 'plugin_unusable',
      message: `the profile "work" cannot be used: ${why}`,
    });
  });
});
