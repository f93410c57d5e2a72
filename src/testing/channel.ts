import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import type { Notice, NoticeKind } from '../core/notice.ts';
import { NOTICE_KINDS } from '../core/notice.ts';
import type { Channel, ChannelMessage } from '../core/ports/channel.ts';
import type { RequestView } from '../core/view.ts';
import type { SuiteRunner } from './suite.ts';

/** A channel, and its other side in the test's hands. */
export type ChannelUnderTest = {
  readonly channel: Channel;
  readonly now: () => number;
  /** Everything that the other side has received so far, as text: bodies, without what says who sends. */
  readonly received: () => readonly string[];
  /** The other side refuses what comes next, once. */
  readonly refuse: () => void;
  /** The other side takes what comes next, and does not answer. */
  readonly hang: () => void;
  /** What must not be in anything that is received (I5). */
  readonly secrets: readonly string[];
  readonly close: () => PromiseLike<void>;
};

/** What every `Channel` does. `open` makes a fresh one for each test. */
export function testChannel(runner: SuiteRunner, open: () => Promise<ChannelUnderTest>): void {
  const test = (name: string, body: (world: ChannelUnderTest) => Promise<void>) =>
    runner.test(name, async () => {
      const world = await open();
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });

  test('takes every kind of notice, and the other side hears of the request', async (world) => {
    // Of what only changed, nothing new is made.
    for (const kind of NOTICE_KINDS.filter((one) => one !== 'request.changed')) {
      const before = world.received().length;
      await deliver(world, { kind });
      ok(world.received().length > before, `${kind} was not received`);
      match(world.received().slice(before).join('\n'), /req_0k7/);
    }
  });

  test('what was refused rejects with channel_failed, and may be sent again', async (world) => {
    world.refuse();
    await rejects(deliver(world), { code: 'channel_failed' });
    const { isGone } = await deliver(world);
    equal(isGone, undefined);
  });

  test('gives up at the deadline', async (world) => {
    world.hang();
    await rejects(deliver(world, { patienceMs: 100 }), { code: 'channel_failed' });
  });

  test('the same notice may be sent again', async (world) => {
    const { reference } = await deliver(world);
    const again = await deliver(world, { references: reference === null ? [] : [reference] });
    deepEqual(again, { reference });
  });

  test('what it made of earlier notices may be gone, or no reference of its own', async (world) => {
    const { isGone } = await deliver(world, { references: ['C0:1.1', 'of something else', ''] });
    equal(isGone, undefined);
  });

  test('I5: carries no secret', async (world) => {
    await deliver(world);
    const received = world.received().join('\n');
    for (const secret of world.secrets) ok(!received.includes(secret));
  });

  test('S12: hidden characters and controls arrive as none', async (world) => {
    const text = 'gnp.\u202egoods\u0000\u001b[2J';
    await deliver(world, { request: { ...REQUEST, reason: text, requestedBy: text } });
    const received = world.received().join('\n');
    notEqual(received, '');
    ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(received));
  });

  test('when it is closed, what is under way ends', async (world) => {
    world.hang();
    const running = deliver(world, { patienceMs: 60_000 });
    await world.channel.close();
    await rejects(running, { code: 'channel_failed' });
  });
}

type Telling = {
  readonly kind?: NoticeKind;
  readonly request?: RequestView;
  readonly references?: readonly string[];
  readonly patienceMs?: number;
};

function deliver(world: ChannelUnderTest, telling: Telling = {}): ReturnType<Channel['deliver']> {
  const { kind = 'request.pending', request = REQUEST, references = [], patienceMs = 5_000 } = telling;
  const message: ChannelMessage = { notice: buildNotice(world.channel.name, kind), request, references };
  return world.channel.deliver(message, { deadlineAt: world.now() + patienceMs });
}

function buildNotice(channel: string, kind: NoticeKind): Notice {
  return {
    id: `ntc_${kind.replace('.', '')}`,
    channel,
    kind,
    requestId: REQUEST.id,
    createdAt: AT,
    state: 'waiting',
    attempts: 0,
    reference: null,
    lastError: null,
    settledAt: null,
  };
}

const AT = Date.parse('2026-11-22T14:00:00Z');

const REQUEST: RequestView = {
  id: 'req_0k7',
  url: 'https://jit.example.com/requests/req_0k7',
  state: 'pending',
  scopes: ['prod:db.write'],
  target: 'orders',
  durationSeconds: 900,
  reason: 'INC-4211 fix the totals',
  ticket: null,
  requestedBy: 'dev',
  createdAt: AT,
  lapsesAt: AT + 3_600_000,
  claimBy: null,
  decision: null,
  approvals: { needed: 1, given: 0, groups: ['dba'] },
  canApprove: ['dba-lead'],
  told: [],
  grantId: null,
  extendsGrantId: null,
  breakGlass: false,
  originally: { scopes: ['prod:db.write'], durationSeconds: 900 },
  escalatedAt: null,
  afterwards: null,
  digest: 'A'.repeat(43),
};
