import type { SlackChannel } from '../../../core/config.ts';
import type { Channel } from '../../../core/ports/channel.ts';
import type { Chat } from '../../../core/ports/chat.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Outgoing } from '../../../core/ports/outgoing.ts';
import { openLine } from '../exchange.ts';
import { createSlackApi, NAME } from './api.ts';
import { createSlackChat } from './chat.ts';
import { sendNotice } from './messages.ts';

/** Slack, with the one scope `chat:write`: cards in one channel, and answers to those who click on them. */
export function openSlack(options: {
  readonly config: SlackChannel;
  readonly clock: Pick<Clock, 'now'>;
  readonly outgoing: Outgoing;
}): { readonly channel: Channel; readonly chat: Chat } {
  const { config } = options;
  const line = openLine({ ...options, channel: NAME });
  const api = createSlackApi({ config, line });
  return {
    channel: {
      name: NAME,
      keepsCards: true,
      deliver: (message, { deadlineAt }) => sendNotice({ api, config, message, deadlineAt }),
      close: async () => line.close(),
    },
    chat: createSlackChat(api),
  };
}
