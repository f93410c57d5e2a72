import { openSlack } from '../../adapters/channels/slack/open.ts';
import { openWebhook } from '../../adapters/channels/webhook.ts';
import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import type { ServerConfig, SlackChannel, WebhookChannel } from '../../core/config.ts';
import type { Channel } from '../../core/ports/channel.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { SlackDesk } from '../channels/slack-routes.ts';

type Parts = { readonly clock: Clock; readonly allow: readonly string[] };

export type OpenChannels = {
  /** By name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Null where Slack is not configured. */
  readonly slack: SlackDesk | null;
};

/** The channels that are configured; each may call its own address and no other (INP-02). */
export function openChannels(
  config: Pick<ServerConfig, 'channels' | 'outgoingAllow'>,
  { clock }: { readonly clock: Clock },
): OpenChannels {
  const parts = { clock, allow: config.outgoingAllow };
  const webhook = config.channels.webhook && openHook(config.channels.webhook, parts);
  const slack = config.channels.slack && openDesk(config.channels.slack, parts);
  const opened = [webhook, slack?.channel].filter((channel) => channel != null);
  return { channels: new Map(opened.map((channel) => [channel.name, channel])), slack };
}

function openHook(config: WebhookChannel, { clock, allow }: Parts): Channel {
  return openWebhook({ config, clock, outgoing: createOutgoing({ urls: [config.url], allow }) });
}

function openDesk(config: SlackChannel, { clock, allow }: Parts): SlackDesk & { readonly channel: Channel } {
  const outgoing = createOutgoing({ urls: [config.apiUrl], allow });
  return { ...openSlack({ config, clock, outgoing }), signingSecret: config.signingSecret };
}
