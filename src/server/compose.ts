import { runWork } from '../broker/work.ts';
import { startWorker, type Worker } from '../broker/worker.ts';
import { SECOND_MS } from '../core/time.ts';
import { layGround, type Opened } from './compose/ground.ts';
import type { RunningServer, ServerOptions } from './compose/options.ts';
import { createReloading } from './compose/reloading.ts';
import { openSite } from './compose/site.ts';
import { openStore } from './compose/store.ts';
import { startHttp } from './http.ts';
import { createTurnover, useHeld } from './reload/turnover.ts';
import { createReport, describeAnswered } from './report.ts';

export type { RunningServer, ServerOptions } from './compose/options.ts';

/** How long whoever is being answered may go on with what another configuration has replaced. */
const RETIRE_MS = 60 * SECOND_MS;

/** The approval server, whole: chooses every adapter and starts what runs by itself. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const opened = await openStore({ ...options, onError: createReport(options.log)('store.failed') });
  try {
    return await startOn(opened, options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function startOn(opened: Opened, options: ServerOptions): Promise<RunningServer> {
  const { config, clock } = options;
  let worker: Worker | undefined;
  const ground = await layGround(options, { opened, wake: () => worker?.wake() });
  const first = await openSite(ground, { options });
  const sites = createTurnover(first, {
    clock,
    patienceMs: RETIRE_MS,
    onError: ground.report('reload.failed'),
  });
  const http = await startHttp({
    url: config.url,
    listen: config.listen,
    holdSite: sites.hold,
    onAnswered: (answered) => ground.log(describeAnswered(answered)),
    ...(options.patience ? { patience: options.patience } : {}),
  });
  worker = startWorker({
    store: ground.store,
    clock,
    run: (work) => useHeld(sites, ({ broker }) => runWork(broker, work)),
    onError: ground.report('work.failed'),
  });
  first.begin();
  const { judge, reload, close } = createReloading(ground, sites);
  return {
    url: config.url,
    judge,
    reload,
    stop: async () => {
      await close();
      const site = sites.current();
      site.sendHome();
      await http.close();
      // First: a delivery that is under way ends, and is tried again after the next start.
      await site.hush();
      await Promise.all([worker?.stop(), site.rest(), sites.settle()]);
      await site.close();
      await opened.close();
    },
  };
}
