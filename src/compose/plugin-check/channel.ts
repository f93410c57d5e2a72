import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import { fail } from '../../core/errors.ts';
import type { PluginCheckOrder, TestResult } from '../../core/plugin-report.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { Secret } from '../../core/secret.ts';
import type { ChannelPlugin } from '../../plugin/api.ts';
import { buildChannelKind } from '../../plugin/channel-kind.ts';
import { requireSettings } from '../../plugin/registry.ts';
import { runSuite } from '../../plugin/run-suite.ts';
import { type ChannelUnderTest, testChannel } from '../../testing/channel.ts';

export type ChannelCheckParts = {
  readonly channel: ChannelPlugin;
  readonly clock: Clock;
  readonly plugin: string;
};

/** A channel as a server has it, against the other side that the plugin brings for this. */
export async function checkChannel(
  { channel, clock, plugin }: ChannelCheckParts,
  { onResult }: PluginCheckOrder,
): Promise<readonly TestResult[]> {
  const { check } = channel;
  if (!check) throw fail('plugin_unusable', { plugin, why: 'its channel has no "check" to be tried with' });
  const kind = buildChannelKind(channel, plugin);
  const open = async (): Promise<ChannelUnderTest> => {
    const { settings: written, ...otherSide } = await check();
    const settings = requireSettings(channel.settings ?? {}, written, 'settings');
    const call = createOutgoing({ urls: kind.listAddresses(settings), allow: [] });
    const secrets = Object.values(settings).filter((value) => value instanceof Secret);
    return {
      channel: kind.open(settings, { clock, call }),
      now: clock.now,
      received: () => otherSide.received(),
      refuse: () => otherSide.refuse(),
      hang: () => otherSide.hang(),
      secrets: secrets.map((secret) => secret.reveal()),
      close: () => otherSide.close(),
    };
  };
  return runSuite({ part: 'channel', onResult, register: (runner) => testChannel(runner, open) });
}
