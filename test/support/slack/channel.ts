import { openSlack } from '../../../src/adapters/channels/slack/open.ts';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import type { Notice, NoticeKind } from '../../../src/core/notice.ts';
import type { Delivered } from '../../../src/core/ports/channel.ts';
import type { GrantView, RequestView } from '../../../src/core/view.ts';
import { sampleRequestView } from '../core-samples.ts';
import type { FakeSlack } from './fake-slack.ts';

export const pending: RequestView = {
  ...sampleRequestView,
  state: 'pending',
  breakGlass: false,
  afterwards: null,
  escalatedAt: null,
  grantId: null,
};

const clock = createSystemClock();

export function openFakeSlack({ config }: FakeSlack): ReturnType<typeof openSlack> {
  const outgoing = createOutgoing({ urls: [config.apiUrl], allow: [] });
  return openSlack({ config, clock, outgoing });
}

export type Telling = {
  readonly kind?: NoticeKind;
  readonly request?: RequestView;
  readonly grant?: GrantView;
  readonly references?: readonly string[];
};

/** Sends one notice to the fake Slack, of a pending request unless told otherwise. */
export function tellSlack(
  slack: FakeSlack,
  { kind = 'request.pending', request = pending, references = [], grant }: Telling = {},
): Promise<Delivered> {
  const message = { notice: buildNotice(kind), request, references, ...(grant ? { grant } : {}) };
  return openFakeSlack(slack).channel.deliver(message, { deadlineAt: clock.now() + 5_000 });
}

function buildNotice(kind: NoticeKind): Notice {
  const times = { createdAt: 0, settledAt: null, attempts: 0 };
  const empty = { reference: null, lastError: null, state: 'waiting' } as const;
  return { id: 'ntc_1', channel: 'slack', kind, requestId: pending.id, ...times, ...empty };
}
