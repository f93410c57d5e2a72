import type { JsonLog } from '../../adapters/log/json-log.ts';
import { createTextLog } from '../../adapters/log/text-log.ts';
import type { World } from '../../cli/world.ts';
import type { OperationsConfig } from '../../core/config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Log, LogFormat } from '../../core/ports/log.ts';

export type ServerLog = {
  readonly write: Log;
  readonly setLevel: (level: OperationsConfig['log']['level']) => void;
  readonly close: JsonLog['close'];
};

export type OpenLogParts = {
  readonly world: Pick<World, 'terminal'>;
  readonly clock: Clock;
  readonly config: OperationsConfig['log'];
  /** What was typed. */
  readonly wanted: LogFormat | undefined;
};

/** Where nobody looks at stdout, it is for a machine: JSON. A person is told on stderr what needs them. */
export async function openLog({ world, clock, config, wanted }: OpenLogParts): Promise<ServerLog> {
  const { tell, paint, hasScreen } = world.terminal;
  const format = wanted ?? config.format ?? (hasScreen ? 'text' : 'json');
  if (format === 'text') {
    const write = createTextLog({ tell, mark: paint.warn('!') });
    return { write, setLevel: () => undefined, close: async () => 'written' };
  }
  const { openJsonLog } = await import('../../adapters/log/json-log.ts');
  return openJsonLog({ level: config.level, clock });
}
