import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../src/core/request.ts';
import { lead } from '../../support/broker.ts';
import {
  buildClick,
  type Delivery,
  type SlackPerson,
  signBody,
  signDelivery,
} from '../../support/slack/fake-slack.ts';
import { openSlackStage, type SlackStage } from '../../support/slack/stage.ts';

const LEAD: SlackPerson = { id: 'U0LEAD', team: 'T0JIT', name: 'lead' };
const MINUTE_MS = 60_000;

let stage: SlackStage;
let request: AccessRequest;
beforeEach(async () => {
  stage = await openSlackStage();
  await stage.link(LEAD, lead);
  request = await stage.ask();
});
afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

type Fields = Readonly<Record<string, unknown>>;

function buildApproval(changes: Fields = {}): Fields {
  return { ...buildClick(stage.card(), { action: 'approve', by: LEAD }), ...changes };
}

function sign(payload: Fields = buildApproval(), at = stage.broker.clock.now()): Delivery {
  return signDelivery(payload, { at });
}

function withHeaders(delivery: Delivery, headers: Readonly<Record<string, string>>): Delivery {
  return { ...delivery, headers: { ...delivery.headers, ...headers } };
}

function changeValue(value: string): Fields {
  const [action] = buildApproval().actions as readonly Fields[];
  return buildApproval({ actions: [{ ...action, value }] });
}

async function requireUnchanged(): Promise<void> {
  expect(await stage.read(request)).toEqual(request);
  expect((await stage.listEvents(request)).map(({ kind }) => kind)).toEqual(['request.submitted']);
}

const unsigned: readonly (readonly [string, () => Delivery])[] = [
  ['a changed body', () => ({ ...sign(), body: sign().body.replace('U0LEAD', 'U0DEV') })],
  ['a byte more', () => ({ ...sign(), body: `${sign().body}&` })],
  [
    'another time',
    () =>
      withHeaders(sign(), {
        'x-slack-request-timestamp': String(Math.floor(stage.broker.clock.now() / 1000) + 1),
      }),
  ],
  ['no signature', () => withHeaders(sign(), { 'x-slack-signature': '' })],
  [
    'half a signature',
    () =>
      withHeaders(sign(), { 'x-slack-signature': sign().headers['x-slack-signature']?.slice(0, 40) ?? '' }),
  ],
  [
    'a signature of another version',
    () => withHeaders(sign(), { 'x-slack-signature': `v1${sign().headers['x-slack-signature']?.slice(2)}` }),
  ],
  [
    'a signature in capitals',
    () =>
      withHeaders(sign(), {
        'x-slack-signature': sign().headers['x-slack-signature']?.toUpperCase().replace('V0', 'v0') ?? '',
      }),
  ],
  [
    'a signature with another secret',
    () => signDelivery(buildApproval(), { at: stage.broker.clock.now(), secret: 'another' }),
  ],
  [
    'a signature with an empty secret',
    () => signDelivery(buildApproval(), { at: stage.broker.clock.now(), secret: '' }),
  ],
  [
    'one that is more than five minutes old',
    () => sign(buildApproval(), stage.broker.clock.now() - 5 * MINUTE_MS - 1_000),
  ],
  ['one from the future', () => sign(buildApproval(), stage.broker.clock.now() + 5 * MINUTE_MS + 1_000)],
  ['a time that is none', () => withHeaders(sign(), { 'x-slack-request-timestamp': '1e9' })],
  ['a time in hexadecimal', () => withHeaders(sign(), { 'x-slack-request-timestamp': '0x6562f' })],
];

describe('APR-06: what does not come from Slack, now, changes nothing', () => {
  it.each(unsigned)('%s', async (_what, build) => {
    expect(await stage.post(build())).toEqual({ status: 401, body: '' });
    await requireUnchanged();
  });

  it('five minutes are not too old', async () => {
    const at = Math.floor(stage.broker.clock.now() / 1000) * 1000 - 5 * MINUTE_MS;
    expect((await stage.post(sign(buildApproval(), at))).status).toBe(200);
    expect((await stage.read(request))?.state).toBe('approved');
  });
});

const malformed: readonly (readonly [string, () => Delivery])[] = [
  ['another content type', () => withHeaders(sign(), { 'content-type': 'application/json' })],
  ['no form', () => signBody('not a form', { at: stage.broker.clock.now() })],
  ['no JSON', () => signBody('payload=%7B', { at: stage.broker.clock.now() })],
  ['two payloads', () => signBody(`${sign().body}&${sign().body}`, { at: stage.broker.clock.now() })],
  ['brackets without end', () => signBody(`payload=${'['.repeat(60_000)}`, { at: stage.broker.clock.now() })],
  ['null', () => signBody('payload=null', { at: stage.broker.clock.now() })],
  ['another kind of payload', () => sign(buildApproval({ type: 'shortcut' }))],
  ['no team', () => sign(buildApproval({ team: null, user: { id: 'U0LEAD' } }))],
  ['a team that is none', () => sign(buildApproval({ user: { id: 'U0LEAD', team_id: 'T0JIT:U0LEAD' } }))],
  ['a user that is none', () => sign(buildApproval({ user: { id: '../U0LEAD', team_id: 'T0JIT' } }))],
  ['a button of no card', () => sign(changeValue(request.id))],
  ['a request that is none', () => sign(changeValue(`gr_1 ${request.digest}`))],
  [
    'two buttons at once',
    () =>
      sign(
        buildApproval({
          actions: [...(buildApproval().actions as readonly Fields[]), { action_id: 'deny' }],
        }),
      ),
  ],
  [
    'a button that there is not',
    () =>
      sign(
        buildApproval({ actions: [{ action_id: 'constructor', value: `${request.id} ${request.digest}` }] }),
      ),
  ],
];

describe('APR-06: what Slack signed and no card of ours sends changes nothing', () => {
  it.each(malformed)('%s', async (_what, build) => {
    expect(await stage.post(build())).toEqual({ status: 400, body: '' });
    await requireUnchanged();
  });

  it('a body over the limit is refused before it is looked at', async () => {
    const body = `payload=${'x'.repeat(65_536 - 8)}`;
    expect((await stage.post(signBody(body, { at: stage.broker.clock.now() }))).status).toBe(400);
    expect((await stage.post(signBody(`${body}x`, { at: stage.broker.clock.now() }))).status).toBe(413);
    await requireUnchanged();
  });

  it('a digest that was changed approves nothing', async () => {
    await stage.post(sign(changeValue(`${request.id} ${'A'.repeat(43)}`)));
    await stage.slack.see('chat.postEphemeral');
    await requireUnchanged();
  });

  it('a request that there is not is none of anybody’s business', async () => {
    expect((await stage.post(sign(changeValue(`req_0 ${request.digest}`)))).status).toBe(200);
    await stage.slack.see('chat.postEphemeral');
    await requireUnchanged();
  });
});

describe('APR-06: each delivery counts once', () => {
  it('a repeated one is refused, also where it would do something again', async () => {
    stage.broker.policy.obligations = { ...stage.broker.policy.obligations, approvals: 1 };
    const delivery = sign();
    expect((await stage.post(delivery)).status).toBe(200);
    const after = await stage.read(request);
    expect(after?.state).toBe('approved');
    for (let repeat = 0; repeat < 3; repeat += 1) expect((await stage.post(delivery)).status).toBe(409);
    expect(await stage.read(request)).toEqual(after);
  });

  it('of many at the same moment one counts', async () => {
    const delivery = sign();
    const answers = await Promise.all(Array.from({ length: 16 }, () => stage.post(delivery)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(15);
    expect((await stage.read(request))?.reviews).toHaveLength(1);
  });

  it('one that was recorded is not believed when its five minutes are over', async () => {
    const delivery = sign();
    await stage.post(delivery);
    const after = await stage.read(request);
    await stage.broker.clock.advance(6 * MINUTE_MS);
    expect((await stage.post(delivery)).status).toBe(401);
    expect(await stage.read(request)).toEqual(after);
  });

  it('a GET changes nothing (S13)', async () => {
    expect((await fetch(`${stage.url}/channels/slack/actions`)).status).toBe(404);
    await requireUnchanged();
  });
});
