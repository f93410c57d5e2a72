import type { Meter } from '../../core/ports/meter.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Health } from '../health.ts';
import type { Answered } from '../http/http.ts';
import { startMetrics } from '../metrics/listener.ts';
import type { Ground } from './ground.ts';

export function countAnswered(meter: Meter, answered: Answered): void {
  const { route = 'none', method, status, durationMs } = answered;
  meter.countRequest({ route, method, status, seconds: durationMs / SECOND_MS });
}

/** Listens where the configuration says that figures are read. Returns how to stop. */
export async function openMetrics(ground: Ground, health: Health): Promise<() => Promise<void>> {
  const { meter, store, report, options } = ground;
  const { metrics } = options.config.operations;
  if (!metrics || !meter) return async () => undefined;
  const { clock } = options;
  const onError = report('metrics.failed');
  const listener = await startMetrics({ config: metrics, meter, store, clock, health, onError });
  return async () => {
    await listener.close();
    meter.close();
  };
}
