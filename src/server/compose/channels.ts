import { openSlack } from '../../adapters/channels/slack/open.ts';
import { openWebhook } from '../../adapters/channels/webhook.ts';
import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import type { ChannelKind, ChannelSettings } from '../../core/config/channel-kind.ts';
import type { ServerConfig, SlackChannel, WebhookChannel } from '../../core/config.ts';
import type { Channel } from '../../core/ports/channel.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { SlackDesk } from '../channels/slack-routes.ts';

type Parts = { readonly clock: Clock; readonly allow: readonly string[] };

export type ChannelParts = {
  readonly clock: Clock;
  /** Those of plugins; only those are opened that are configured. */
  readonly channelKinds?: readonly ChannelKind[] | undefined;
};

export type OpenChannels = {
  /** By name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Null where Slack is not configured. */
  readonly slack: SlackDesk | null;
};

/** The channels that are configured; each may call its own address and no other (INP-02). */
export function openChannels(
  config: Pick<ServerConfig, 'channels' | 'outgoingAllow'>,
  { clock, channelKinds = [] }: ChannelParts,
): OpenChannels {
  const { plugged = {} } = config.channels;
  const parts = { clock, allow: config.outgoingAllow };
  const webhook = config.channels.webhook && openHook(config.channels.webhook, parts);
  const slack = config.channels.slack && openDesk(config.channels.slack, parts);
  const others = channelKinds.map((kind) => {
    const settings = plugged[kind.name];
    return settings && openPlugged(kind, { ...parts, settings });
  });
  const opened = [webhook, slack?.channel, ...others].filter((channel) => channel != null);
  return { channels: new Map(opened.map((channel) => [channel.name, channel])), slack };
}

function openHook(config: WebhookChannel, { clock, allow }: Parts): Channel {
  return openWebhook({ config, clock, outgoing: createOutgoing({ urls: [config.url], allow }) });
}

function openDesk(config: SlackChannel, { clock, allow }: Parts): SlackDesk & { readonly channel: Channel } {
  const outgoing = createOutgoing({ urls: [config.apiUrl], allow });
  return { ...openSlack({ config, clock, outgoing }), signingSecret: config.signingSecret };
}

function openPlugged(
  kind: ChannelKind,
  { settings, clock, allow }: Parts & { readonly settings: ChannelSettings },
): Channel {
  return kind.open(settings, { clock, call: createOutgoing({ urls: kind.listAddresses(settings), allow }) });
}
