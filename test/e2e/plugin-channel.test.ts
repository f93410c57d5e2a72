import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLUGINS } from '../support/plugins/exec-backend.ts';
import { type Pager, startPager } from '../support/plugins/pager.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { until } from '../support/until.ts';

const ASK = ['request', 'prod:db.write', '--for', '15m', '--no-wait', '--reason', 'INC-4211 fix the totals'];

/** What a channel does that does everything wrong, by its name. */
const HOSTILE: Readonly<Record<string, string>> = {
  hanging: 'deliver: () => new Promise(() => {})',
  throwing: "deliver: () => { throw 'no' }",
  flooding: "deliver: async () => { console.error('called'); return { reference: 'x'.repeat(1e7) }; }",
  lying:
    "deliver: async ({ notice, request }) => { notice.id = 'ntc_1'; request.id = 'req_1'; throw new Error('x'.repeat(1e7)); }",
  unclosing: 'deliver: async () => undefined, close: () => new Promise(() => {})',
};

let folder: string;
let pager: Pager;
let stage: Stage;
let desk: Desk;
let lead: Desk;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-channels-'));
  for (const [name, members] of Object.entries(HOSTILE))
    await writeFile(join(folder, `${name}.js`), describePlugin(name, members));
  pager = await startPager();
  stage = await startStage({ settings: describeSettings() });
  [desk, lead] = await Promise.all([stage.openDesk(), stage.openDesk({ user: 'dba-lead' })]);
});
afterAll(async () => {
  for (const one of [desk, lead]) await one[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
  await pager[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function describePlugin(name: string, members: string): string {
  return `import { definePlugin } from 'jit';
export const plugin = definePlugin({
  name: '${name}', api: '^1.0', channel: { name: '${name}', open: () => ({ ${members} }) },
});
`;
}

function describeSettings(): string {
  const plugins = [
    join(PLUGINS, 'pager.js'),
    ...Object.keys(HOSTILE).map((name) => join(folder, `${name}.js`)),
  ];
  const hostile = Object.keys(HOSTILE).map((name) => `  ${name}: {}`);
  return [
    `plugins: ${JSON.stringify(plugins)}`,
    'channels:',
    `  pager: { url: "${pager.url}", routing_key: only for this test }`,
    ...hostile,
  ].join('\n');
}

async function ask(): Promise<string> {
  const { document } = await desk.readJson(ASK);
  return document.request?.id ?? '';
}

async function listTold(id: string): Promise<readonly string[]> {
  const { document } = await desk.readJson(['status']);
  return document.requests?.find((request) => request.id === id)?.told ?? [];
}

describe('a channel that is a plugin', () => {
  it('is told of a request and of its decision, and is named where people are told', async () => {
    const id = await ask();
    const asked = await pager.see('request.pending', id);
    expect(asked).toMatchObject({ event_action: 'trigger', dedup_key: id });
    expect(asked.payload.summary).toBe('dev asks for prod:db.write on orders-api: INC-4211 fix the totals');
    await until('told on the pager', async () => (await listTold(id)).includes('pager'));
    await lead.run(['approve', id, '--yes']);
    expect(await pager.see('request.decided', id)).toMatchObject({ event_action: 'resolve' });
    expect(new Set(pager.keys)).toEqual(new Set(['Token only for this test']));
    await desk.run(['cancel']);
  });

  it('is tried again until it takes the notice', async () => {
    pager.refuse(1);
    const id = await ask();
    await pager.see('request.pending', id);
    await desk.run(['cancel']);
  });
});

describe('INP-05: channels that hang, throw, flood, lie and never close', () => {
  it('hold up no decision and no other channel, and are told apart from those that took it', async () => {
    const startedAt = performance.now();
    const id = await ask();
    const told = await until('told on those that take it', async () => {
      const names = await listTold(id);
      return names.includes('pager') && names.includes('unclosing') && names;
    });
    expect((await lead.run(['approve', id, '--yes'])).exitCode).toBe(0);
    const { document } = await desk.readJson(['wait', id]);
    expect(document.grant).toMatchObject({ state: 'active', request_id: id });
    expect((await desk.run(['done'])).exitCode).toBe(0);
    // One that hangs is waited for 10 s.
    expect(performance.now() - startedAt).toBeLessThan(9_000);
    for (const name of ['hanging', 'throwing', 'flooding', 'lying']) {
      expect(told).not.toContain(name);
      expect(document.request?.told).not.toContain(name);
    }
  });

  it('do not keep the server from stopping', async () => {
    await ask();
    const running = stage.process;
    const startedAt = performance.now();
    await stage.stopServer();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    const { exitCode, stderr } = await running.ended;
    expect([exitCode, stderr.length < 100_000]).toEqual([0, true]);
  });
});

describe('a channel that cannot be one', () => {
  it.each([
    [
      'its settings are not what it says',
      () => join(PLUGINS, 'pager.js'),
      'jit.yaml:9 channels.pager.url: is missing',
    ],
    [
      'its name is that of one that comes with jit',
      () => join(folder, 'webhook.js'),
      'there is a channel "webhook" already',
    ],
  ])('is refused at the start: %s', async (_, findPlugin, why) => {
    await writeFile(join(folder, 'webhook.js'), describePlugin('webhook', HOSTILE.throwing ?? ''));
    const path = join(folder, 'jit.yaml');
    const text = `url: http://127.0.0.1:7420
listen: 127.0.0.1:7420
store: sqlite:./jit.db
identity: { dev: { users: [{ name: dev }] } }
scopes: { prod:api.read: { description: Read, sensitivity: low, default: 5m, max: 1h, targets: [api] } }
targets: { api: { kind: token, audience: "https://api.example.com" } }
plugins: ["${findPlugin()}"]
channels:
  pager: { routing_key: x }
`;
    await writeFile(path, text, { mode: 0o600 });
    const { exitCode, stderr } = await desk.run(['server', '--config', path]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(why)]);
  });
});
