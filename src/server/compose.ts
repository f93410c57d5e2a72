import { runWork } from '../broker/work/work.ts';
import { startWorker, type Worker } from '../broker/work/worker.ts';
import { SECOND_MS } from '../core/time.ts';
import { openControl } from './compose/control.ts';
import { type Ground, layGround, type Opened } from './compose/ground.ts';
import { countAnswered, openMetrics } from './compose/metrics.ts';
import type { RunningServer, ServerOptions } from './compose/options.ts';
import { listChecks, listLimits } from './compose/readiness.ts';
import { createReloading } from './compose/reloading.ts';
import { openSite } from './compose/site.ts';
import { stopServer } from './compose/stopping.ts';
import { openStore } from './compose/store.ts';
import { createHealth } from './health.ts';
import { startHttp } from './http/http.ts';
import type { Quarantine } from './keeping/quarantine.ts';
import { besidesFull } from './keeping/room.ts';
import { createTurnover, useHeld } from './reload/turnover.ts';
import { createReport, describeAnswered, describeReadiness } from './report.ts';

export type { RunningServer, ServerOptions } from './compose/options.ts';

/** How long whoever is being answered may go on with what another configuration has replaced. */
const RETIRE_MS = 60 * SECOND_MS;

/** The approval server, whole: chooses every adapter and starts what runs by itself. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const opened = await openStore({ ...options, onError: createReport(options.log)('store.failed') });
  try {
    const clock = options.decorate?.clock?.(opened.clock) ?? opened.clock;
    return await startOn(opened, { ...options, clock });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function startOn(opened: Opened, options: ServerOptions): Promise<RunningServer> {
  let worker: Worker | undefined;
  const ground = await layGround(options, { opened, wake: () => worker?.wake() });
  try {
    return await runOn(ground, {
      closeStore: () => rest(ground).then(opened.close),
      onWorker: (started) => {
        worker = started;
      },
    });
  } catch (error) {
    await rest(ground);
    throw error;
  }
}

async function rest({ keys, quarantine, leaveRoom }: Ground): Promise<void> {
  await Promise.all([keys.stop(), quarantine.stop(), leaveRoom()]);
}

type Running = { readonly closeStore: () => Promise<void>; readonly onWorker: (worker: Worker) => void };

async function runOn(ground: Ground, { closeStore, onWorker }: Running): Promise<RunningServer> {
  const { options } = ground;
  const { config, clock } = options;
  const first = await openSite(ground, { options });
  const sites = createTurnover(first, {
    clock,
    patienceMs: RETIRE_MS,
    onError: ground.report('reload.failed'),
  });
  const health = createHealth({
    checks: listChecks(ground),
    clock,
    listLimits: () => listLimits(ground),
    onChange: (found) => ground.log(describeReadiness(found)),
  });
  const closeMetrics = await openMetrics(ground, health);
  const closeControl = await openControl(ground, sites);
  const http = await startHttp({
    url: config.url,
    listen: config.listen,
    holdSite: sites.hold,
    health,
    onAnswered: (answered) => {
      ground.log(describeAnswered(answered));
      if (ground.meter) countAnswered(ground.meter, answered);
    },
    ...(options.patience ? { patience: options.patience } : {}),
  }).catch(async (error: unknown) => {
    await Promise.all([closeMetrics(), closeControl()]);
    throw error;
  });
  const start = () =>
    startWorker({
      store: ground.store,
      clock,
      run: (work) => useHeld(sites, ({ broker }) => runWork(broker, work)),
      onError: besidesFull(ground.report('work.failed')),
    });
  const worker = startAfter(ground.quarantine, start);
  onWorker(worker);
  first.begin();
  const { judge, reload, close: closeReloading } = createReloading(ground, sites);
  const closings = { closeReloading, closeControl, closeMetrics };
  const parts = { clock, health, http, worker, sites, ...closings };
  return {
    url: config.url,
    readQuarantine: ground.quarantine.readNote,
    judge,
    reload,
    stop: () => stopServer({ ...parts, closeStore }),
  };
}

/** What is done by itself is done after the quarantine. */
function startAfter(quarantine: Quarantine, start: () => Worker): Worker {
  let worker: Worker | undefined;
  const forget = quarantine.whenOver(() => {
    worker = start();
  });
  return {
    wake: () => worker?.wake(),
    stop: async () => {
      forget();
      await worker?.stop();
    },
  };
}
