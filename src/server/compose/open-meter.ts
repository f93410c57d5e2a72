import type { Meter } from '../../core/ports/meter.ts';
import type { ServerOptions } from './options.ts';

/** Null where nobody reads figures: then nothing is counted, and nothing loaded for it. */
export async function openMeter({ config }: Pick<ServerOptions, 'config'>): Promise<Meter | null> {
  if (!config.operations.metrics) return null;
  const { createPrometheusMeter } = await import('../../adapters/metrics/prometheus.ts');
  return createPrometheusMeter();
}
