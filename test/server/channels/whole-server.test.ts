import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFormBrowser } from '../../../src/adapters/form-browser.ts';
import type { ChannelsConfig } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { RequestView } from '../../../src/core/view.ts';
import { type JitServer, type Someone, startJitServer } from '../../support/programs/jit-server.ts';
import { silence, startScriptedServer } from '../../support/scripted-server/server.ts';
import {
  buildClick,
  type FakeSlack,
  listButtons,
  readCard,
  type SlackPerson,
  signDelivery,
  startFakeSlack,
} from '../../support/slack/fake-slack.ts';
import { until } from '../../support/until.ts';
import { startWebhookReceiver, WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const LEAD: SlackPerson = { id: 'U0LEAD', team: 'T0JIT', name: 'the lead' };
const PIN = '314159';

const WRITES = {
  name: 'prod:db.write',
  description: 'Change production data',
  sensitivity: 'high',
  defaultSeconds: 900,
  maxSeconds: 3600,
  targets: ['orders-api'],
} as const;

const PEOPLE = [
  { name: 'dev', groups: ['engineers'], sameAs: null },
  { name: 'dba-lead', groups: ['engineers', 'dba'], sameAs: null },
  { name: 'admin', groups: ['admins'], sameAs: null },
];

let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
});
afterEach(() => slack[Symbol.asyncDispose]());

function start(channels: Partial<ChannelsConfig>): Promise<JitServer> {
  const identity = { devUsers: PEOPLE, company: null, workloads: [] };
  const config = { channels: { webhook: null, slack: null, ...channels }, scopes: [WRITES], identity };
  return startJitServer({ config });
}

async function ask({ backend }: Someone): Promise<RequestView> {
  const asked = { scopes: ['prod:db.write'], target: 'orders-api', durationSeconds: 600, ticket: null };
  const { request } = await backend.submit({
    ...asked,
    reason: 'INC-4211 fix the totals',
    extendsGrantId: null,
    breakGlass: false,
    idempotencyKey: randomUUID(),
  });
  return request;
}

async function press(server: JitServer, action: string, by = LEAD): Promise<number> {
  const card = [...slack.messages.values()].at(-1);
  const { body, headers } = signDelivery(buildClick(card, { action, by }));
  return (await fetch(`${server.url}/channels/slack/actions`, { method: 'POST', body, headers })).status;
}

/** What the person does who was told to link the account: log in, and say that it is theirs. */
async function linkAccount(user: string): Promise<void> {
  const { body } = await slack.see('chat.postEphemeral');
  const browser = createFormBrowser();
  const login = await browser.get(listButtons(body)[0]?.url ?? '');
  const question = await browser.submit(login, { user, pin: PIN });
  expect(question.html).toContain('Is this your Slack account?');
  const done = await browser.submit(question, { decision: 'link' });
  expect(done.html).toContain('press the button again');
}

describe('a server with channels', () => {
  it('tells them what waits, takes the decision of a linked reviewer, and tells them that', async () => {
    await using receiver = await startWebhookReceiver();
    const webhook = { url: receiver.url, secret: new Secret(WEBHOOK_SECRET) };
    await using server = await start({ webhook, slack: slack.config });
    const dev = await server.logIn('dev');
    const asked = await ask(dev);
    await slack.see('chat.postMessage');
    await receiver.see('request.pending');
    expect(await press(server, 'approve')).toBe(200);
    await linkAccount('dba-lead');
    expect(await press(server, 'approve')).toBe(200);
    await slack.see('chat.update');
    await receiver.see('request.decided');
    const request = await dev.backend.readRequest(asked.id);
    expect(request).toMatchObject({
      state: 'approved',
      decision: { reviews: [{ by: 'dba-lead', way: 'slack' }] },
    });
    expect(request.told.toSorted()).toEqual(['slack', 'webhook']);
    expect(readCard([...slack.messages.values()].at(-1))).toContain('dba-lead approved at');
    expect(slack.faults).toEqual([]);
    expect(server.errors).toEqual([]);
  });

  it('an account at Slack decides nothing more once an admin has ended its person’s logins', async () => {
    await using server = await start({ slack: slack.config });
    const [dev, admin] = await Promise.all([server.logIn('dev'), server.logIn('admin')]);
    const asked = await ask(dev);
    await slack.see('chat.postMessage');
    await press(server, 'approve');
    await linkAccount('dba-lead');
    await admin.backend.revokeMany({ user: 'dba-lead', target: null });
    await press(server, 'approve');
    const { body } = await slack.see('chat.postEphemeral', 2);
    expect(readCard(body)).toContain('does not know who you are');
    expect((await dev.backend.readRequest(asked.id)).state).toBe('pending');
  });

  it('a channel that takes and never answers delays neither a decision nor the other channel, nor the end', async () => {
    await using hook = await startScriptedServer();
    hook.on('/jit', silence);
    const webhook = { url: `${hook.url}/jit`, secret: new Secret(WEBHOOK_SECRET) };
    const server = await start({ webhook, slack: slack.config });
    const [dev, lead] = await Promise.all([server.logIn('dev'), server.logIn('dba-lead')]);
    const asked = await ask(dev);
    await hook.arrival('/jit');
    const startedAt = performance.now();
    const approval = { digest: asked.digest, scopes: null, durationSeconds: null, reason: null };
    await lead.backend.approve(asked.id, approval);
    await slack.see('chat.update');
    await until('told', async () => (await dev.backend.readRequest(asked.id)).told.length === 1);
    expect(performance.now() - startedAt).toBeLessThan(4_500);
    const stoppingAt = performance.now();
    await server[Symbol.asyncDispose]();
    expect(performance.now() - stoppingAt).toBeLessThan(4_500);
  });
});
