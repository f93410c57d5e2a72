import { runClients } from './clients.ts';
import { type Line, summarise } from './figures.ts';
import type { Place } from './place.ts';

const SECONDS = 10;
const CALLERS = 32;

const CYCLES_PER_SECOND = { sqlite: 500, postgres: 700 } as const;
const REQUEST_MS = { sqlite: 4, postgres: 5 } as const;

/** Full cycles: asked for, decided by policy, claimed, revoked, its end seen. */
export async function measureCycles(place: Place): Promise<readonly Line[]> {
  const sessions = place.sessions.slice(0, CALLERS);
  // The first ones are slower than any that follow, and are nobody's ordinary day.
  await runClients(place, sessions, () => ({ kind: 'cycles', seconds: 2 }));
  const cpuMs = await place.readCpuMs();
  const reports = await runClients(place, sessions, () => ({ kind: 'cycles', seconds: SECONDS }));
  const spentMs = (await place.readCpuMs()) - cpuMs;
  const { count, p50, p99 } = summarise(reports.flatMap((report) => report.tookMs));
  const perSecond = count / SECONDS;
  const wanted = CYCLES_PER_SECOND[place.engine];
  return [
    {
      what: `full cycles, ${CALLERS} clients`,
      measured: `${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, CPU ${(spentMs / count).toFixed(2)} ms each`,
      budget: `≥ ${wanted}/s, p99 ≤ 60 ms`,
      isMet: perSecond >= wanted && p99 <= 60,
    },
  ];
}

/** One client alone: what a person waits for. */
export async function measureRequests(place: Place): Promise<readonly Line[]> {
  const reports = await runClients(place, place.sessions.slice(0, 1), () => ({
    kind: 'requests',
    times: 300,
  }));
  const { p50, p99 } = summarise(reports.flatMap((report) => report.tookMs));
  const wanted = REQUEST_MS[place.engine];
  return [
    {
      what: 'POST /v1/requests, granted at once, idle',
      measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      budget: `p50 ≤ ${wanted} ms`,
      isMet: p50 <= wanted,
    },
  ];
}

export async function measureIntrospection(place: Place): Promise<readonly Line[]> {
  const sessions = place.sessions.slice(0, CALLERS);
  const granted = await runClients(place, sessions, () => ({ kind: 'grants' }));
  const tokens = granted.flatMap((report) => report.tokens ?? []);
  const cpuMs = await place.readCpuMs();
  const reports = await runClients(place, sessions.slice(0, 2), () => ({
    kind: 'introspections',
    seconds: SECONDS,
    callers: CALLERS / 2,
    tokens,
  }));
  const spentMs = (await place.readCpuMs()) - cpuMs;
  await runClients(place, sessions, () => ({ kind: 'cycles', seconds: 0.1 }));
  const { count, p50, p99 } = summarise(reports.flatMap((report) => report.tookMs));
  return [
    {
      what: `introspections, ${CALLERS} connections`,
      measured: `${(count / SECONDS).toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, CPU ${(spentMs / count).toFixed(2)} ms each`,
      budget: '≥ 5000/s, p99 ≤ 20 ms',
      isMet: count / SECONDS >= 5000 && p99 <= 20,
    },
  ];
}
