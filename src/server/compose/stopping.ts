import type { Worker } from '../../broker/worker.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Health } from '../health.ts';
import type { HttpServer } from '../http.ts';
import type { Turnover } from '../reload/turnover.ts';
import type { Site } from './site.ts';

/** From the signal to the end, whatever hangs: what was not finished is done after the next start. */
const LONGEST_STOP_MS = 9.5 * SECOND_MS;

export type StopParts = {
  readonly clock: Clock;
  readonly health: Health;
  readonly http: HttpServer;
  readonly worker: Worker;
  readonly sites: Turnover<Site>;
  /** Nothing is reloaded any more. */
  readonly closeReloading: () => Promise<void>;
  readonly closeMetrics: () => Promise<void>;
  readonly closeStore: () => Promise<void>;
};

/**
 * Says that it stops while it still listens, so that a balancer sends nobody here any more; then lets requests end, and
 * then what the server does by itself; and then closes everything.
 */
export async function stopServer(parts: StopParts): Promise<void> {
  const { clock, http, sites } = parts;
  const startedAtMs = clock.monotonicMs();
  const findLeftMs = (): number => Math.max(0, LONGEST_STOP_MS - (clock.monotonicMs() - startedAtMs));
  parts.health.drain();
  http.drain();
  await parts.closeReloading();
  const site = sites.current();
  const { drainSeconds } = site.config.operations;
  if (drainSeconds > 0) await clock.sleep(drainSeconds * SECOND_MS);
  site.sendHome();
  await http.close(findLeftMs());
  // First: a delivery that is under way ends, and is tried again after the next start.
  await site.hush();
  const resting = Promise.all([parts.worker.stop(), site.rest(), sites.settle()]);
  const over = new AbortController();
  await Promise.race([resting, clock.sleep(findLeftMs(), over.signal)]);
  over.abort();
  await site.close();
  await parts.closeMetrics();
  await parts.closeStore();
}
