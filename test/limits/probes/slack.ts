import { createHmac } from 'node:crypto';
import type { Asker } from '../../../src/broker/parts.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createSlackActions, type SlackActionParts } from '../../../src/server/channels/slack-actions.ts';
import { buildLinkUrl, readLinkState } from '../../../src/server/channels/slack-link-state.ts';
import { decodeSlackPayload } from '../../../src/server/channels/slack-payload.ts';
import { lead } from '../../support/broker.ts';
import { createMemoryProtocolStore } from '../../support/fakes/memory-protocol-store.ts';
import { agree, type Probe } from '../ground.ts';

const NOW = Date.UTC(2026, 10, 22, 14, 0, 0);
const URL_OF_JIT = 'https://jit.example.com';
const SECRET = new Secret('a secret of the tests, as long as it needs to be');
const LINK = { url: URL_OF_JIT, secret: SECRET, now: NOW };

/** Limits on what Slack sends. */
export const slackProbes = {
  LONGEST_SLACK_ID_CHARACTERS: (size) => {
    const id = 'U'.repeat(size);
    return agree([
      isClick({ user: { id } }),
      isClick({ user: { id: 'U1', team_id: id } }),
      isClick({ team: { id } }),
      isClick({ channel: { id } }),
    ]);
  },
  LONGEST_SLACK_TRIGGER_CHARACTERS: (size) => isClick({ trigger_id: 'x'.repeat(size) }),
  SLACK_WINDOW_SECONDS: async (size) => (await openSlack().click({ ageSeconds: size })).status === 200,
  SLACK_ANSWER_MS: async (size) => {
    const slack = openSlack();
    await slack.click({});
    return slack.deadlines.length === 1 && slack.deadlines.every((deadlineAt) => deadlineAt >= NOW + size);
  },
  SLACK_LINK_SECONDS: (size) => {
    const url = buildLinkUrl({ externalId: 'T1:U1', name: 'lead' }, LINK);
    const state = new URL(url).searchParams.get('state') ?? '';
    return readLinkState(state, { secret: SECRET, now: NOW + size * 1000 - 1 }) !== undefined;
  },
  SLACK_ACCOUNT_SECONDS: async (size) => {
    const slack = openSlack({ linkedAt: NOW - size * 1000 });
    await slack.click({});
    return slack.words.every((text) => !text.includes('does not know who you are'));
  },
} satisfies Readonly<Record<string, Probe>>;

/** What comes from Slack, as `POST /channels/slack/actions` takes it, with nothing behind it but one linked person. */
export function openSlack({ linkedAt }: { readonly linkedAt?: number } = {}) {
  const deadlines: number[] = [];
  const words: string[] = [];
  const parts = {
    broker: {
      clock: { now: () => NOW, monotonicMs: () => 0, sleep: async () => {} },
      directory: { find: async () => lead.principal },
      store: { readRequest: async () => undefined },
    },
    people: {
      findLinked: async () =>
        linkedAt === undefined ? undefined : { subject: lead.principal.subject, linkedAt },
    },
    chat: {
      whisper: async (
        _to: unknown,
        said: { readonly text: string },
        options: { readonly deadlineAt: number },
      ) => {
        words.push(said.text);
        deadlines.push(options.deadlineAt);
      },
      askReason: async () => {},
    },
    protocol: createMemoryProtocolStore(),
    signingSecret: SECRET,
    secret: SECRET,
    url: URL_OF_JIT,
    readAddress: (): Asker['ip'] => '203.0.113.9',
    onError: () => {},
  } as unknown as SlackActionParts;
  const app = createSlackActions(parts);
  const post = (body: string, ageSeconds = 0): Promise<Response> => {
    const timestamp = String(NOW / 1000 - ageSeconds);
    const hmac = createHmac('sha256', SECRET.reveal()).update(`v0:${timestamp}:${body}`).digest('hex');
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-signature': `v0=${hmac}`,
      'x-slack-request-timestamp': timestamp,
    };
    return Promise.resolve(
      app.request('/channels/slack/actions', { method: 'POST', body, headers }, { incoming: undefined }),
    );
  };
  return {
    deadlines,
    words,
    post,
    click: ({ ageSeconds }: { readonly ageSeconds?: number }) =>
      post(`payload=${encodeURIComponent(CLICK)}`, ageSeconds),
  };
}

/** Is this taken for a click on a card of ours? */
export function isClick(change: object): boolean {
  return decodeSlackPayload({ ...CLICKED, ...change }) !== undefined;
}

const CLICKED = {
  type: 'block_actions',
  team: { id: 'T1' },
  user: { id: 'U1', username: 'lead' },
  channel: { id: 'C1' },
  trigger_id: 'trigger',
  actions: [{ action_id: 'approve', value: `req_1 ${'d'.repeat(43)}` }],
};
const CLICK = JSON.stringify(CLICKED);
