import { describe, test } from 'vitest';
import { openSlack } from '../../src/adapters/channels/slack/open.ts';
import { openWebhook } from '../../src/adapters/channels/webhook.ts';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { createOutgoing } from '../../src/adapters/outgoing/outgoing.ts';
import { Secret } from '../../src/core/secret.ts';
import { testChannel } from '../../src/testing/channel.ts';
import { silence, startScriptedServer } from '../support/scripted-server/server.ts';
import { startFakeSlack } from '../support/slack/fake-slack.ts';
import { WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

const clock = createSystemClock();

describe('Channel contract: webhook', () => {
  testChannel({ test }, async () => {
    const server = await startScriptedServer();
    const url = `${server.url}/jit`;
    server.on('/jit', { status: 204 });
    return {
      channel: openWebhook({
        config: { url, secret: new Secret(WEBHOOK_SECRET) },
        clock,
        outgoing: createOutgoing({ urls: [url], allow: [] }),
      }),
      now: clock.now,
      received: () => server.calls.map(({ body }) => body),
      refuse: () => server.on('/jit', { status: 500 }, { status: 204 }),
      hang: () => server.on('/jit', silence),
      secrets: [WEBHOOK_SECRET, WEBHOOK_SECRET.slice('whsec_'.length)],
      close: () => server[Symbol.asyncDispose](),
    };
  });
});

describe('Channel contract: Slack', () => {
  testChannel({ test }, async () => {
    const slack = await startFakeSlack();
    const { config } = slack;
    const next = (answer: Parameters<typeof slack.answerNext>[1]) =>
      slack.answerNext('chat.postMessage', answer);
    const { channel } = openSlack({
      config,
      clock,
      outgoing: createOutgoing({ urls: [config.apiUrl], allow: [] }),
    });
    return {
      channel,
      now: clock.now,
      received: () => slack.calls.map(({ body }) => JSON.stringify(body)),
      refuse: () => next({ body: { ok: false, error: 'internal_error' } }),
      hang: () => next(null),
      secrets: [config.token.reveal(), config.signingSecret.reveal()],
      close: () => slack[Symbol.asyncDispose](),
    };
  });
});
