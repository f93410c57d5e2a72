import { type Caller, createCaller } from './caller.ts';
import { runClients } from './clients.ts';
import { type Line, summarise } from './figures.ts';
import type { Place } from './place.ts';

const CLIENTS = 10_000;
const EACH = 50;
const PEOPLE = CLIENTS / EACH;
/** Once all of them have asked, each with a proof to check, the server has nothing to do until the first asks again. */
const QUIET_CPU_MS = 100;
const LONGEST_SETTLE_MS = 60_000;
const ALONE = 50;

const now = (): number => performance.timeOrigin + performance.now();
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * 200 people wait for a request each, in 50 places each. A quarter of the requests are approved one by one, the rest all at
 * once: how long until those who wait for them know.
 */
export async function measureWaiting(place: Place): Promise<readonly Line[]> {
  const sessions = place.sessions.slice(0, PEOPLE);
  const asked = await runClients(place, sessions, () => ({ kind: 'ask' }));
  const ids = asked.flatMap((report) => report.ids ?? []);
  const digests = asked.flatMap((report) => report.digests ?? []);
  const requests = ids.map((id, index) => ({ id, digest: digests[index] ?? '' }));
  const waiting = runClients(place, sessions, (share, first) => ({
    kind: 'wait',
    requestIds: ids.slice(first, first + share.length),
    each: EACH,
  }));
  await settle(place);
  const lead = { token: place.lead.accessToken.reveal(), key: place.lead.dpopKey.reveal() };
  const caller = createCaller(place.url, lead);
  const decidedAt = new Map<string, number>();
  for (const request of requests.slice(0, ALONE)) {
    decidedAt.set(request.id, await approve(caller, request));
    await wait(20);
  }
  const cpuMs = await place.readCpuMs();
  const startedAt = now();
  await Promise.all(requests.slice(ALONE).map((request) => approve(caller, request)));
  const told = (await waiting).flatMap((report) => report.toldAt ?? []);
  const eachMs = ((await place.readCpuMs()) - cpuMs) / (CLIENTS - ALONE * EACH);
  const alone = told.flatMap(([id, at]) => (decidedAt.has(id) ? [at - (decidedAt.get(id) ?? 0)] : []));
  const lastMs = Math.max(...told.map(([, at]) => at)) - startedAt;
  const { p50, p99 } = summarise(alone);
  return [
    {
      what: `a decision reaches its ${EACH} waiters, of ${CLIENTS}`,
      measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      budget: 'p50 ≤ 20 ms',
      isMet: p50 <= 20,
    },
    {
      what: `${PEOPLE - ALONE} decisions at once, all told`,
      measured: `${(lastMs / 1000).toFixed(2)} s, ${told.length} told, CPU ${eachMs.toFixed(2)} ms each`,
      budget: '≤ 2 s',
      isMet: lastMs <= 2000 && told.length === CLIENTS,
    },
  ];
}

async function settle(place: Place): Promise<void> {
  const endMs = performance.now() + LONGEST_SETTLE_MS;
  while (performance.now() < endMs) {
    const cpuMs = await place.readCpuMs();
    await wait(1_000);
    const isQuiet = (await place.readCpuMs()) - cpuMs < QUIET_CPU_MS;
    if (isQuiet && (await place.countFiles()) >= CLIENTS) return;
  }
}

/** Resolves with when the approval was sent: what comes after it is all the server's. */
async function approve(
  caller: Caller,
  { id, digest }: { readonly id: string; readonly digest: string },
): Promise<number> {
  const sentAt = now();
  const path = `/v1/requests/${id}/approve`;
  const { status } = await caller({ method: 'POST', path, body: { digest } });
  if (status >= 300) throw new Error(`an approval was answered ${status}`);
  return sentAt;
}
