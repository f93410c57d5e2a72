import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLineReader } from '../../../../src/adapters/backends/exec/lines.ts';
import {
  openPlugin,
  type TestPlugin,
  type TestPluginOptions,
} from '../../../support/plugins/exec-backend.ts';
import { openHostile } from '../../../support/plugins/hostile-plugin.ts';

let folder = '';
const opened: TestPlugin[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-exec-'));
});
afterEach(async () => {
  for (const plugin of opened.splice(0)) await plugin.close();
  await rm(folder, { recursive: true });
});

async function open(options: TestPluginOptions): Promise<TestPlugin> {
  const plugin = await openPlugin({ folder, ...options });
  opened.push(plugin);
  return plugin;
}

async function openManner(manner: string, options: TestPluginOptions = {}): Promise<TestPlugin> {
  const plugin = await openHostile(manner, { folder, ...options });
  opened.push(plugin);
  return plugin;
}

/** A plugin in shell that answers everything with an error whose message is what `say` prints. */
async function writePlugin(say: string): Promise<{ readonly command: string; readonly sha256: string }> {
  const text = `#!/bin/sh
id=0
while IFS= read -r line; do
  id=$((id + 1))
  if [ $id = 1 ]; then printf '{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"methods":["read_request"]}}\\n'
  else printf '{"jsonrpc":"2.0","id":%s,"error":{"code":1,"message":"%s"}}\\n' $id "$(${say})"; fi
done
`;
  const command = join(folder, 'plugin.sh');
  await writeFile(command, text, { mode: 0o755 });
  return { command, sha256: createHash('sha256').update(text).digest('hex') };
}

async function readMessage(plugin: TestPlugin): Promise<string> {
  const error: unknown = await plugin.backend.readRequest('req_1').catch((thrown: unknown) => thrown);
  return error instanceof Error ? error.message.replace(/^.*\): /, '') : 'no error';
}

describe('the process of a plugin', () => {
  it('I5: has of the environment what is named, and nothing else', async () => {
    const plugin = await openManner('show its environment', {
      variables: { OWN_TOKEN: 'given', LANG: 'C.UTF-8', JIT_KEYCHAIN_PASSPHRASE: 'secret' },
      environment: ['OWN_TOKEN', 'NOT_SET'],
    });
    const names = Object.keys(JSON.parse(await readMessage(plugin)));
    expect(names.toSorted()).toEqual(['HOME', 'LANG', 'OWN_TOKEN', 'PATH']);
  });

  it('is started in the folder of the configuration, from which relative paths begin', async () => {
    await writePlugin('pwd');
    expect(await readMessage(await open({ command: './plugin.sh' }))).toBe(folder);
  });

  it('is given its arguments as they are: there is no shell', async () => {
    await writePlugin('printf %s "$1"');
    const text = await readFile(join(folder, 'plugin.sh'), 'utf8');
    await writeFile(
      join(folder, 'plugin.sh'),
      text.replace('id=0', 'word=$1; id=0').replace('"$1"', '"$word"'),
    );
    const plugin = await open({ command: './plugin.sh', args: ['$(touch made); *'] });
    expect(await readMessage(plugin)).toBe('$(touch made); *');
    expect(await readdir(folder)).toEqual(['plugin.sh']);
  });

  it('is started again with the next question when it has ended', async () => {
    const plugin = await openManner('end after each answer');
    for (const id of ['req_1', 'req_2', 'req_3']) {
      expect((await plugin.backend.readRequest(id).catch((error) => error)).id).toBe(id);
    }
    expect(await countLives()).toBe(3);
  });

  it('is asked one thing at a time, however many are asked at once', async () => {
    const plugin = await openManner('behave');
    const ids = ['req_1', 'req_2', 'req_3', 'req_4'];
    const views = await Promise.all(ids.map((id) => plugin.backend.readRequest(id)));
    expect(views.map((view) => view.id)).toEqual(ids);
    expect(await countLives()).toBe(1);
  });

  it('S12: what it writes to stderr is shown neutralised, and no more than twenty lines of it', async () => {
    const { command } = await writePlugin('seq 1 100 | sed "s/$/$(printf \'\\033\')[31m/" >&2; echo done');
    const plugin = await open({ command });
    expect(await readMessage(plugin)).toBe('done');
    expect(plugin.told[0]).toBe('work: 1\\x1b[31m');
    expect(plugin.told).toHaveLength(21);
    expect(plugin.told.at(-1)).toBe('work: … it says more, which is left out');
  });

  it.each([
    ['./missing', 'there is no ./missing'],
    ['no-such-program', 'there is no no-such-program'],
  ])('%s: is not there', async (command, why) => {
    await expect((await open({ command })).backend.readRequest('req_1')).rejects.toMatchObject({
      code: 'plugin_unusable',
      message: `the plugin "work" (${command}) cannot be used: ${why}`,
    });
  });

  it('a file that may not be executed is not', async () => {
    await writeFile(join(folder, 'text'), 'hello', { mode: 0o644 });
    const plugin = await open({ command: './text' });
    await expect(plugin.backend.readRequest('req_1')).rejects.toMatchObject({ code: 'plugin_unusable' });
  });
});

describe('what a plugin may write', () => {
  it('INP-05: is no more than 4 MiB between a question and its answer, in however many pieces', () => {
    const said: string[] = [];
    const reader = createLineReader({ onLine: () => undefined, onFault: (why) => said.push(why) });
    const line = Buffer.from(`${'x'.repeat(1024 * 1024 - 1)}\n`);
    expect([1, 2, 3, 4].map(() => reader.take(line))).toEqual([true, true, true, true]);
    reader.restart();
    expect([1, 2, 3, 4, 5].map(() => reader.take(line))).toEqual([true, true, true, true, false]);
    expect(said).toEqual(['it wrote more than 4194304 bytes']);
  });

  it('is cut into lines wherever the pieces end, also within a letter', () => {
    const lines: string[] = [];
    const reader = createLineReader({
      onLine: (line) => lines.push(line),
      onFault: (why) => lines.push(why),
    });
    for (const byte of Buffer.from('è\n\nab\n€')) reader.take(new Uint8Array([byte]));
    expect(lines).toEqual(['è', '', 'ab']);
  });
});

describe('a pinned plugin', () => {
  it('runs while it is the file that it was', async () => {
    const { command, sha256 } = await writePlugin('echo hello');
    expect(await readMessage(await open({ command, sha256 }))).toBe('hello');
  });

  it('is not run when one byte of it is another', async () => {
    const { command, sha256 } = await writePlugin('touch ran');
    await appendFile(command, '\n');
    const plugin = await open({ command, sha256 });
    await expect(plugin.backend.readRequest('req_1')).rejects.toMatchObject({ code: 'plugin_changed' });
    expect(await readdir(folder)).toEqual(['plugin.sh']);
  });

  it('what runs is what was looked at: exchanging the file afterwards changes nothing', async () => {
    const { command, sha256 } = await writePlugin('echo $0');
    const plugin = await open({ command, sha256 });
    const ran = await readMessage(plugin);
    expect(ran).toMatch(new RegExp(`^${folder}/state/plugins/run-\\w+/plugin\\.sh$`));
    // And the copy is gone as soon as it has spoken.
    expect(await readdir(join(folder, 'state', 'plugins'))).toEqual([]);
  });
});

describe('what a plugin leaves out', () => {
  it('is not offered, without asking it', async () => {
    const plugin = await openManner('behave');
    await expect(plugin.backend.readInbox()).rejects.toMatchObject({
      code: 'not_offered',
      message: expect.stringContaining('does not offer this: read_inbox'),
    });
  });

  it('following is reading again, until something is different', async () => {
    const { command } = await writePlugin('echo no');
    const plugin = await open({ command });
    // It offers read_request alone, and that is what is asked.
    const following = plugin.backend.follow('req_1', { state: 'pending', given: 0, told: 0 });
    await expect(following).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/: no$/),
    });
  });
});

async function countLives(): Promise<number> {
  const pids = await readFile(join(folder, 'pids'), 'utf8').catch(() => '');
  return pids.split('\n').filter(Boolean).length;
}
