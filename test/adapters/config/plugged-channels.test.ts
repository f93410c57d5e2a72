import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServerConfig } from '../../../src/adapters/config/read-config.ts';
import { CONNECTOR_KINDS } from '../../../src/adapters/connectors/kinds.ts';
import type { ServerConfig } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import { buildChannelKind } from '../../../src/plugin/channel-kind.ts';

const PAGER = buildChannelKind(
  {
    name: 'pager',
    settings: { url: 'address', key: 'secret', patience: 'duration?' },
    open: () => ({ deliver: async () => undefined }),
  },
  'pager',
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-channels-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(channels: string, mode = 0o600): Promise<ServerConfig> {
  const path = join(folder, 'jit.yaml');
  const text = `url: https://jit.example.com
listen: 127.0.0.1:7420
store: sqlite:./jit.db
identity: { dev: { users: [{ name: dev }] } }
scopes: { prod:api.read: { description: Read, sensitivity: low, default: 5m, max: 1h, targets: [api] } }
targets: { api: { kind: token, audience: "https://api.example.com" } }
plugins: [./pager.js]
channels:
  ${channels}
`;
  await writeFile(path, text);
  await chmod(path, mode);
  return readServerConfig(path, {
    environment: { PAGER_KEY: 'hunter2' },
    kinds: CONNECTOR_KINDS,
    loadKinds: async () => ({ kinds: [], channelKinds: [PAGER] }),
  });
}

describe('a plugin’s channel in jit.yaml', () => {
  it('has its settings as their kinds say, beside the channels that come with jit', async () => {
    const secret = `whsec_${'A'.repeat(32)}`;
    const { channels } = await read(
      `pager: { url: "https://x.example/", key: "\${PAGER_KEY}", patience: 2m }\n  webhook: { url: "https://y.example", secret: ${secret} }`,
    );
    const pager = { url: 'https://x.example/', key: new Secret('hunter2'), patience: 120 };
    expect(channels.plugged).toEqual({ pager });
    expect(channels.webhook?.url).toBe('https://y.example');
  });

  it('need not be configured', async () => {
    expect((await read('{}')).channels.plugged).toEqual({});
  });

  it.each([
    ['pager: { url: "https://x.example" }', 'jit.yaml:9 channels.pager.key: is missing'],
    ['pager: { url: "http://x.example", key: x }', 'jit.yaml:9 channels.pager.url: must be an address'],
    ['pager: []', 'jit.yaml:9 channels.pager: must be a mapping'],
    ['pager:', 'jit.yaml:9 channels.pager: must be a mapping'],
    [
      'pager: { url: "https://x.example", key: x, urll: y }',
      'jit.yaml:9 channels.pager.urll: is not a setting: did you mean "url"?',
    ],
    ['pagr: {}', 'jit.yaml:9 channels.pagr: is not a setting: did you mean "pager"?'],
  ])('INP-03: %s is complained about with file, line and key', async (channels, complaint) => {
    await expect(read(channels)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(complaint),
    });
  });

  it('I5: has no secret in the clear in a file that others may read', async () => {
    const settings = (key: string) => `pager: { url: "https://x.example", key: "${key}" }`;
    await expect(read(settings('hunter2'), 0o644)).rejects.toMatchObject({
      message: expect.stringContaining('jit.yaml:9 channels.pager.key: stands here in the clear'),
    });
    await expect(read(settings('${PAGER_KEY}'), 0o644)).resolves.toBeDefined();
  });
});
