import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Figures, Waiting } from '../../core/ports/figures.ts';
import type { Meter, Standing } from '../../core/ports/meter.ts';
import { SECOND_MS } from '../../core/time.ts';
import { registerProcess } from './process-figures.ts';

const ANSWER_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];
const REVOCATION_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600];

/** A `Meter` that Prometheus reads, in a registry of its own: two servers in one process are two. */
export function createPrometheusMeter(): Meter {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'jit_http_requests_total',
    help: 'Answers to HTTP requests.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'jit_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer; long polls and streams wait on purpose.',
    labelNames: ['route', 'method'],
    buckets: ANSWER_BUCKETS_SECONDS,
    registers,
  });
  const outcomes = new Counter({
    name: 'jit_requests_total',
    help: 'Requests for access by what this process saw become of them.',
    labelNames: ['outcome'],
    registers,
  });
  const revocations = new Histogram({
    name: 'jit_revocation_lag_seconds',
    help: 'From the end of a grant to the proof that nothing of it is left.',
    buckets: REVOCATION_BUCKETS_SECONDS,
    registers,
  });
  const showStanding = registerStanding(registry);
  const kept = new Registry();
  const showFigures = registerFigures(kept);
  const stop = registerProcess(registry);
  return {
    countRequest: ({ route, method, status, seconds }) => {
      requests.inc({ route, method, status });
      durations.observe({ route, method }, seconds);
    },
    countOutcome: (outcome) => outcomes.inc({ outcome }),
    observeRevocation: (seconds) => revocations.observe(seconds),
    render: async (standing) => {
      showStanding(standing);
      if (standing.figures) showFigures(standing.figures);
      // What the store said before it was away is not how things are.
      const shown = standing.figures ? [registry, kept] : [registry];
      const texts = await Promise.all(shown.map((one) => one.metrics()));
      return { type: registry.contentType, text: texts.join('\n') };
    },
    close: () => {
      stop();
      registry.clear();
      kept.clear();
    },
  };
}

function registerStanding(registry: Registry): (standing: Standing) => void {
  const registers = [registry];
  const ready = new Gauge({ name: 'jit_ready', help: 'Should this server be sent requests?', registers });
  const failing = new Gauge({
    name: 'jit_check_failing',
    help: 'What of it is not as it must be.',
    labelNames: ['check'],
    registers,
  });
  const nothingNew = new Gauge({
    name: 'jit_nothing_new',
    help: 'Why nothing new is given for now, while what is held ends as it should.',
    labelNames: ['because'],
    registers,
  });
  return (standing) => {
    ready.set(standing.failing.length === 0 ? 1 : 0);
    failing.reset();
    for (const check of standing.failing) failing.set({ check }, 1);
    nothingNew.reset();
    for (const because of standing.limits) nothingNew.set({ because }, 1);
  };
}

/** What the store says, which is the same on every replica: take the maximum, not the sum. */
function registerFigures(registry: Registry): (figures: Figures) => void {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const grants = gauge('jit_grants', 'Grants that are not ended.', ['state']);
  const open = gauge('jit_requests_open', 'Requests for access that are not settled.', ['state']);
  const unconfirmed = gauge('jit_revocations_unconfirmed', 'Grants that are over, without proof yet.');
  const oldest = gauge('jit_revocation_unconfirmed_oldest_seconds', 'How long the oldest of them is over.');
  const full = gauge('jit_store_full', 'Is there only room for what ends, so that nothing new is given?');
  const due = gauge('jit_work_due', 'Work that is due and not done.', ['kind']);
  const overdue = gauge('jit_work_overdue_seconds', 'How long the oldest of it is due.', ['kind']);
  return (figures) => {
    for (const [state, count] of Object.entries(figures.grants)) grants.set({ state }, count);
    for (const [state, count] of Object.entries(figures.openRequests)) open.set({ state }, count);
    full.set(figures.isShortOfRoom ? 1 : 0);
    unconfirmed.set(figures.unconfirmed.count);
    oldest.set(findAgeSeconds(figures, figures.unconfirmed));
    due.reset();
    overdue.reset();
    for (const [kind, waiting] of Object.entries(figures.due)) {
      due.set({ kind }, waiting.count);
      overdue.set({ kind }, findAgeSeconds(figures, waiting));
    }
  };
}

function findAgeSeconds({ at }: Figures, { oldestAt }: Waiting): number {
  return oldestAt === null ? 0 : Math.max(0, at - oldestAt) / SECOND_MS;
}
