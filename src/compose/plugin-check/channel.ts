import { fail } from '../../core/errors.ts';
import type { PluginCheckOrder, TestResult } from '../../core/plugin-report.ts';
import type { ChannelPlugin } from '../../plugin/api.ts';
import { runSuite } from '../../plugin/run-suite.ts';
import { testChannel } from '../../testing/channel.ts';

/** A channel, against the other side that the plugin brings for this. */
export async function checkChannel(
  { channel, plugin }: { readonly channel: ChannelPlugin; readonly plugin: string },
  { onResult }: PluginCheckOrder,
): Promise<readonly TestResult[]> {
  const { check } = channel;
  if (!check) throw fail('plugin_unusable', { plugin, why: 'its channel has no "check" to be tried with' });
  return runSuite({ part: 'channel', onResult, register: (runner) => testChannel(runner, check) });
}
