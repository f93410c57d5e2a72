import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_KINDS } from '../../../src/adapters/connectors/kinds.ts';
import type { ChannelKind } from '../../../src/core/config/channel-kind.ts';
import { defineConnectorKind } from '../../../src/core/config/connector-kind.ts';
import type { ServerConfig } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import { buildSubmission } from '../../support/crash/scene.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';
import { type JitServer, type Someone, startJitServer } from '../../support/programs/jit-server.ts';

const NOBODY = '@id("nobody") forbid (principal, action, resource);';
const MORE = {
  name: 'prod:logs.read',
  description: 'Read logs',
  sensitivity: 'low',
  defaultSeconds: 60,
  maxSeconds: 600,
  targets: ['logs'],
} as const;

let folder: string;
let server: JitServer;
let dev: Someone;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-reload-'));
  server = await startJitServer();
  dev = await server.logIn('dev');
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ask = () =>
  dev.backend.submit(
    buildSubmission({ scopes: ['prod:api.read'], target: 'orders-api', durationSeconds: 60 }),
  );

async function writePolicies(text: string): Promise<string> {
  await writeFile(join(folder, 'policy.cedar'), text);
  return folder;
}

describe('a configuration that is read again', () => {
  it('puts its scopes and targets in the place of what was there, and keeps who is logged in', async () => {
    const { targets, scopes } = server.config;
    const logs = { name: 'logs', kind: 'token', audience: 'https://logs.example.com', settings: {} };
    await server.reload({
      config: { ...server.config, targets: [...targets, logs], scopes: [...scopes, MORE] },
    });
    expect((await dev.backend.listScopes()).map(({ name }) => name)).toContain('prod:logs.read');
    await server.reload({ config: server.config });
    expect((await dev.backend.listScopes()).map(({ name }) => name)).not.toContain('prod:logs.read');
  });

  it('puts its policies in the place of what was there', async () => {
    await server.reload({ config: { ...server.config, policiesFolder: await writePolicies(NOBODY) } });
    expect((await ask()).request.state).toBe('denied');
    await server.reload({ config: server.config });
    expect((await ask()).claimed).not.toBeNull();
  });

  it('is no other when a policy is wrong: what was there goes on', async () => {
    const config = { ...server.config, policiesFolder: await writePolicies('permit (nonsense') };
    await expect(server.reload({ config })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('policy.cedar'),
    });
    expect((await ask()).claimed).not.toBeNull();
  });

  it.each<[string, Partial<ServerConfig>]>([
    ['url', { url: 'http://127.0.0.1:1' }],
    ['listen', { listen: { host: '127.0.0.1', port: 1 } }],
    ['store', { store: { kind: 'sqlite', path: '/elsewhere' } }],
    ['secret', { secret: new Secret('another secret of thirty-two bytes') }],
  ])('is refused as a whole when it has another %s', async (key, change) => {
    const config = { ...server.config, ...change, scopes: [] };
    await expect(server.reload({ config })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(new RegExp(`^${key}: .*restart it`)),
    });
    expect(await dev.backend.listScopes()).toHaveLength(server.config.scopes.length);
  });

  it('is refused when it would leave a grant where nobody can take it away, and not once that has ended', async () => {
    const { claimed } = await ask();
    const without = { ...server.config, targets: [], scopes: [], resourceServers: [] };
    await expect(server.reload({ config: without })).rejects.toMatchObject({
      message: expect.stringContaining('1 grant is live at "orders-api"'),
    });
    await dev.backend.revoke(claimed?.grant.id ?? '', 'done');
    await server.reload({ config: without });
    expect(await dev.backend.listScopes()).toEqual([]);
    await server.reload({ config: server.config });
    expect(await dev.backend.listScopes()).toHaveLength(server.config.scopes.length);
  });

  it('is no other when a channel cannot be opened, and leaves no connector open', async () => {
    let open = 0;
    const counted = defineConnectorKind({
      kind: 'counted',
      entries: {},
      open: () => {
        open += 1;
        const close = async (): Promise<void> => {
          open -= 1;
        };
        return { ...createScriptedConnector(), close };
      },
    });
    const broken: ChannelKind = {
      name: 'broken',
      entries: {},
      listSecrets: () => [],
      listAddresses: () => [],
      open: () => {
        throw new Error('no power');
      },
    };
    const target = { name: 'more', kind: 'counted', audience: 'https://more.example.com', settings: {} };
    const { config } = server;
    const change = {
      kinds: [...CONNECTOR_KINDS, counted],
      channelKinds: [broken],
      config: {
        ...config,
        targets: [...config.targets, target],
        channels: { ...config.channels, plugged: { broken: {} } },
      },
    };
    await expect(server.reload(change)).rejects.toThrow('no power');
    expect(open).toBe(0);
    expect((await ask()).claimed).not.toBeNull();
  });
});
