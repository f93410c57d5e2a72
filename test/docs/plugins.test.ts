import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import { Secret } from '../../src/core/secret.ts';
import type { ChannelPlugin } from '../../src/plugin/api.ts';
import { buildChannelKind } from '../../src/plugin/channel-kind.ts';
import { type ChannelUnderTest, testChannel } from '../../src/testing/channel.ts';
import { silence, startScriptedServer } from '../support/scripted-server/server.ts';
import { projectRoot } from '../support/sources/imports.ts';

const clock = createSystemClock();
const KEY = 'only for this test';
const OWN = join(projectRoot, 'dist/index.js');

type Sample = { readonly plugin: { readonly name: string; readonly channel: ChannelPlugin } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-docs-'));
  const text = await readFile(join(projectRoot, 'docs/plugins.md'), 'utf8');
  const [, section = ''] = text.split('\n## A channel\n');
  const [, sample = ''] = /```js\n(.*?)```/s.exec(section) ?? [];
  await writeFile(join(folder, 'pager.mjs'), sample.replace("'jit'", `'${pathToFileURL(OWN)}'`));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The channel that docs/plugins.md shows, as a server has it. */
async function open(): Promise<ChannelUnderTest> {
  const { plugin } = (await import(pathToFileURL(join(folder, 'pager.mjs')).href)) as Sample;
  const server = await startScriptedServer();
  server.on('/jit', { status: 204 });
  const settings = { url: `${server.url}/jit`, routing_key: new Secret(KEY) };
  const call = createOutgoing({ urls: [settings.url], allow: [] });
  return {
    channel: buildChannelKind(plugin.channel, plugin.name).open(settings, { clock, call }),
    now: clock.now,
    received: () => server.calls.map(({ body }) => body),
    refuse: () => server.on('/jit', { status: 500 }, { status: 204 }),
    hang: () => server.on('/jit', silence),
    secrets: [KEY],
    close: () => server[Symbol.asyncDispose](),
  };
}

describe('the channel in docs/plugins.md', () => {
  testChannel({ test: it }, open);
});
