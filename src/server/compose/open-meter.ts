import { createPrometheusMeter } from '../../adapters/metrics/prometheus.ts';
import type { Meter } from '../../core/ports/meter.ts';
import type { ServerOptions } from './options.ts';

/** Null where nobody reads figures: then nothing is counted. */
export function openMeter({ config }: Pick<ServerOptions, 'config'>): Meter | null {
  return config.operations.metrics ? createPrometheusMeter() : null;
}
