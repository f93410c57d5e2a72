import { openWebhook } from '../../adapters/channels/webhook.ts';
import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import type { ServerConfig } from '../../core/config.ts';
import type { Channel } from '../../core/ports/channel.ts';
import type { Clock } from '../../core/ports/clock.ts';

/** The channels that are configured, by name; each may call its own address and no other (INP-02). */
export function openChannels(
  { channels: { webhook }, outgoingAllow: allow }: Pick<ServerConfig, 'channels' | 'outgoingAllow'>,
  { clock }: { readonly clock: Clock },
): ReadonlyMap<string, Channel> {
  const opened = webhook
    ? [openWebhook({ config: webhook, clock, outgoing: createOutgoing({ urls: [webhook.url], allow }) })]
    : [];
  return new Map(opened.map((channel) => [channel.name, channel]));
}
