import type { Worker } from '../../broker/work/worker.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Health } from '../health.ts';
import type { HttpServer } from '../http/http.ts';
import type { Turnover } from '../reload/turnover.ts';
import type { Site } from './site.ts';

/** Whatever hangs: what was not finished is done after the next start. Leaves time for the last lines of the log. */
const LONGEST_STOP_MS = 8.5 * SECOND_MS;
/** A reload that hangs takes no more of the time of those who are being answered. */
const LONGEST_RELOAD_MS = 2 * SECOND_MS;

export type StopParts = {
  readonly clock: Clock;
  readonly health: Health;
  readonly http: HttpServer;
  readonly worker: Worker;
  readonly sites: Turnover<Site>;
  /** Nothing is reloaded any more. */
  readonly closeReloading: () => Promise<void>;
  /** No orders are taken from this machine any more; those that are being carried out end. */
  readonly closeControl: () => Promise<void>;
  readonly closeMetrics: () => Promise<void>;
  readonly closeStore: () => Promise<void>;
};

/**
 * Says that it stops while it still listens, so that a balancer sends nobody here any more; then lets requests end, and
 * then what the server does by itself; and then closes everything. What hangs is begun all the same, and left behind.
 */
export async function stopServer(parts: StopParts): Promise<void> {
  const { clock, http, sites } = parts;
  const startedAtMs = clock.monotonicMs();
  const stopped = new AbortController();
  const late = clock.sleep(LONGEST_STOP_MS, stopped.signal);
  const wait = (what: Promise<unknown>): Promise<unknown> => Promise.race([what, late]);
  parts.health.drain();
  http.drain();
  await wait(Promise.race([parts.closeReloading(), clock.sleep(LONGEST_RELOAD_MS, stopped.signal)]));
  const ordersDone = wait(parts.closeControl());
  const site = sites.current();
  const { drainSeconds } = site.config.operations;
  if (drainSeconds > 0) await wait(clock.sleep(drainSeconds * SECOND_MS, stopped.signal));
  site.sendHome();
  await wait(http.close(Math.max(0, LONGEST_STOP_MS - (clock.monotonicMs() - startedAtMs))));
  // First: a delivery that is under way ends, and is tried again after the next start.
  await wait(site.hush());
  await wait(Promise.all([parts.worker.stop(), site.rest(), sites.settle(), ordersDone]));
  await wait(site.close());
  await wait(parts.closeMetrics());
  await wait(parts.closeStore());
  stopped.abort();
}
