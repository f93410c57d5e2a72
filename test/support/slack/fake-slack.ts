import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { SlackChannel } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import { until } from '../until.ts';
import { findFaults, listTexts } from './fake-slack-rules.ts';

type Fields = Readonly<Record<string, unknown>>;

export type SlackCall = { readonly method: string; readonly body: Fields };

/** Somebody in the chat. */
export type SlackPerson = { readonly id: string; readonly team: string; readonly name: string };

export const SLACK_CHANNEL = 'C0REQUESTS';
const SIGNING_SECRET = 'the signing secret of the test application';
const TOKEN = 'xoxb-canary-token';

export type FakeSlack = AsyncDisposable & {
  readonly config: SlackChannel;
  readonly calls: SlackCall[];
  /** What Slack, or a reader who is not to be deceived, would not have taken. */
  readonly faults: string[];
  /** Messages as they stand, by their `ts`. */
  readonly messages: Map<string, Fields>;
  /** The answer to the next call of a method, instead of the usual one; `null`: none at all. */
  answerNext(method: string, answer: { readonly status?: number; readonly body: Fields } | null): void;
  /** The newest call of a method, waited for. */
  see(method: string, count?: number): Promise<SlackCall>;
};

/** Slack's Web API as far as jit uses it, strict about what Slack is strict about. */
export async function startFakeSlack(): Promise<FakeSlack> {
  const calls: SlackCall[] = [];
  const faults: string[] = [];
  const messages = new Map<string, Fields>();
  const answers = new Map<string, ({ readonly status?: number; readonly body: Fields } | null)[]>();
  const server = createServer(async (request, response) => {
    const method = (request.url ?? '').replace('/api/', '');
    const body = (await json(request)) as Fields;
    if (request.headers.authorization !== `Bearer ${TOKEN}`) faults.push('another token');
    faults.push(...findFaults((body.view ?? body) as Fields).map((fault) => `${method}: ${fault}`));
    calls.push({ method, body });
    const scripted = answers.get(method)?.shift();
    if (scripted === null) return;
    const { status = 200, body: answer } = scripted ?? { body: act({ method, body, messages }) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    config: {
      token: new Secret(TOKEN),
      signingSecret: new Secret(SIGNING_SECRET),
      channel: SLACK_CHANNEL,
      apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    },
    calls,
    faults,
    messages,
    answerNext: (method, answer) => answers.set(method, [...(answers.get(method) ?? []), answer]),
    see: (method, count = 1) =>
      until(`${count} × ${method}`, async () => {
        const found = calls.filter((call) => call.method === method);
        return found.length >= count && found.at(-1);
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function act({ method, body, messages }: SlackCall & { readonly messages: Map<string, Fields> }): Fields {
  const ts = String(body.ts);
  if (method === 'chat.postMessage') {
    const made = `1700000000.${String(messages.size + 1).padStart(6, '0')}`;
    messages.set(made, body);
    return { ok: true, channel: body.channel, ts: made };
  }
  if (method === 'chat.update') {
    if (!messages.has(ts)) return { ok: false, error: 'message_not_found' };
    messages.set(ts, body);
    return { ok: true, channel: body.channel, ts };
  }
  return { ok: true };
}

/** The texts that people read in a message, one after another. */
export function readCard(message: Fields | undefined): string {
  return listTexts(message?.blocks)
    .map((text) => text.text)
    .join('\n');
}

type Button = { readonly action_id: string; readonly value?: string; readonly url?: string };

export function listButtons(message: Fields | undefined): readonly Button[] {
  const blocks = (message?.blocks ?? []) as readonly {
    readonly type: string;
    readonly elements?: readonly Button[];
  }[];
  return blocks.filter(({ type }) => type === 'actions').flatMap(({ elements = [] }) => elements);
}

let triggers = 0;

/** No two clicks are the same. */
function nextTrigger(): number {
  triggers += 1;
  return triggers;
}

/** What Slack sends when somebody presses that button of a message. */
export function buildClick(
  message: Fields | undefined,
  { action, by }: { readonly action: string; readonly by: SlackPerson },
): Fields {
  const button = listButtons(message).find(({ action_id }) => action_id === action);
  if (!button) throw new Error(`there is no button ${action}`);
  return {
    type: 'block_actions',
    team: { id: by.team, domain: 'example' },
    user: { id: by.id, username: by.name, name: by.name, team_id: by.team },
    api_app_id: 'A0JIT',
    container: {
      type: 'message',
      message_ts: '1700000000.000001',
      channel_id: SLACK_CHANNEL,
      is_ephemeral: false,
    },
    trigger_id: `13345224609.738474920.${nextTrigger()}`,
    channel: { id: SLACK_CHANNEL, name: 'requests' },
    message,
    response_url: 'https://hooks.slack.com/actions/T0/1/x',
    actions: [{ ...button, type: 'button', block_id: 'b', action_ts: '1700000001.000000' }],
  };
}

/** What Slack sends when somebody submits the form that was opened for them. */
export function buildSubmission(
  view: Fields | undefined,
  { reason, by }: { readonly reason: string; readonly by: SlackPerson },
): Fields {
  return {
    type: 'view_submission',
    team: { id: by.team, domain: 'example' },
    user: { id: by.id, username: by.name, name: by.name, team_id: by.team },
    view: {
      ...view,
      id: 'V0',
      state: { values: { reason: { reason: { type: 'plain_text_input', value: reason } } } },
    },
  };
}

export type Delivery = {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** A payload as Slack posts it, signed now unless told otherwise. */
export function signDelivery(
  payload: Fields,
  options: { readonly at?: number; readonly secret?: string } = {},
): Delivery {
  return signBody(new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), options);
}

export function signBody(
  body: string,
  { at = Date.now(), secret = SIGNING_SECRET }: { readonly at?: number; readonly secret?: string } = {},
): Delivery {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
  };
}
