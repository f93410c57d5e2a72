import { runClients } from './clients.ts';
import type { Line } from './figures.ts';
import type { BenchRow, Place } from './place.ts';

const LIVE = 100_000;
const ENDING = 10_000;
const OVERDUE = 15_000;
const HOUR_MS = 3_600_000;
const LOOK_MS = 100;
const IDLE_MIB = 150;
const FULL_MIB = 250;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** 100,000 live grants, of which 10,000 end in the same second, and what the server weighs without and with them. */
export async function measureManyEnds(place: Place): Promise<readonly Line[]> {
  await wait(2_000);
  const { nowMib: idleMib } = await place.readMemory();
  await holdOne(place);
  await place.stop();
  const laterAt = Date.now() + 2 * HOUR_MS;
  await copyGrants(place, { name: 'later', count: LIVE - ENDING, expiresAt: laterAt });
  const endsAt = Date.now() + 25_000;
  await copyGrants(place, { name: 'soon', count: ENDING, expiresAt: endsAt });
  await place.start();
  await wait(endsAt - Date.now() - 1_000);
  const { nowMib: fullMib } = await place.readMemory();
  await wait(endsAt - Date.now());
  const cpuMs = await place.readCpuMs();
  const tookMs = await waitForEnds(place, { name: 'soon', count: ENDING });
  const eachMs = ((await place.readCpuMs()) - cpuMs) / ENDING;
  const { mostMib } = await place.readMemory();
  return [
    {
      what: `${ENDING} of ${LIVE} grants end in one second`,
      measured: `all ended after ${(tookMs / 1000).toFixed(1)} s, CPU ${eachMs.toFixed(2)} ms each`,
      budget: '≤ 10 s',
      isMet: tookMs <= 10_000,
    },
    {
      what: `memory, idle / ${LIVE} live grants`,
      measured: `${idleMib.toFixed(0)} / ${fullMib.toFixed(0)} MiB, ${mostMib.toFixed(0)} at most while ${ENDING} ended`,
      budget: `≤ ${IDLE_MIB} / ≤ ${FULL_MIB} MiB`,
      isMet: idleMib <= IDLE_MIB && mostMib <= FULL_MIB,
    },
  ];
}

/** A start with 15,000 grants whose end passed while nobody looked. */
export async function measureOverdue(place: Place): Promise<readonly Line[]> {
  await holdOne(place);
  await place.stop();
  await copyGrants(place, { name: 'overdue', count: OVERDUE, expiresAt: Date.now() - HOUR_MS });
  const readyMs = await place.start();
  const tookMs = await waitForEnds(place, { name: 'overdue', count: OVERDUE });
  const perSecond = OVERDUE / (tookMs / 1000);
  return [
    {
      what: `start with ${OVERDUE} overdue`,
      measured: `ready after ${(readyMs / 1000).toFixed(2)} s, ${perSecond.toFixed(0)} ended/s`,
      budget: 'ready ≤ 2 s, ≥ 300 ended/s',
      isMet: readyMs <= 2000 && perSecond >= 300,
    },
  ];
}

/** A grant that was really granted, for the others to be copies of. */
async function holdOne(place: Place): Promise<void> {
  const [live] = await place.sql("select count(*) as grants from grants where state = 'active'");
  if (Number(live?.grants) === 0)
    await runClients(place, place.sessions.slice(0, 1), () => ({ kind: 'grants' }));
}

type Copies = { readonly name: string; readonly count: number; readonly expiresAt: number };

async function copyGrants(place: Place, { name, count, expiresAt }: Copies): Promise<void> {
  const [grant] = await place.sql("select * from grants where state = 'active' limit 1");
  const [request] = await place.sql(`select * from requests where id = '${grant?.request_id}'`);
  const [work] = await place.sql(`select * from work where id = 'expire:${grant?.id}'`);
  if (!grant || !request || !work) throw new Error('there is no live grant to copy');
  const grantId = `'gr_${name}' || n.i`;
  const requestId = `'req_${name}' || n.i`;
  const ids = { id: requestId, grant_id: grantId };
  await copyRow(place, { table: 'requests', row: request, count, changed: ids });
  await copyRow(place, {
    table: 'grants',
    row: grant,
    count,
    changed: {
      id: grantId,
      request_id: requestId,
      token_id: `'tok_${name}' || n.i`,
      handle: grantId,
      expires_at: String(expiresAt),
      latest_end_at: String(expiresAt),
    },
  });
  await copyRow(place, {
    table: 'work',
    row: work,
    count,
    changed: {
      id: `'expire:gr_${name}' || n.i`,
      grant_id: grantId,
      request_id: requestId,
      due_at: String(expiresAt),
    },
  });
}

type RowCopies = {
  readonly table: string;
  readonly row: BenchRow;
  readonly count: number;
  readonly changed: Readonly<Record<string, string>>;
};

async function copyRow(place: Place, { table, row, count, changed }: RowCopies): Promise<void> {
  const columns = Object.keys(row);
  const values = columns.map((column) => changed[column] ?? `t.${column}`);
  await place.sql(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
    insert into ${table} (${columns.join(', ')})
    select ${values.join(', ')} from ${table} as t, n where t.id = '${String(row.id)}'`);
}

async function waitForEnds(
  place: Place,
  { name, count }: { readonly name: string; readonly count: number },
): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const [found] = await place.sql(
      `select count(*) as ended from grants where state = 'ended' and id like 'gr!_${name}%' escape '!'`,
    );
    if (Number(found?.ended) === count) return performance.now() - startedMs;
    await wait(LOOK_MS);
  }
}
