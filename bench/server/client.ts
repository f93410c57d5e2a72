import { randomUUID } from 'node:crypto';
import { type BenchSession, type Call, type Caller, createCaller } from './caller.ts';
import { READ, SERVICE, SERVICE_SECRET, WRITE } from './config.ts';
import { openPlainClient } from './plain-client.ts';

// One of the client processes: is told what to do, and says how long each piece took.

export type Task =
  | { readonly kind: 'cycles'; readonly seconds: number }
  | { readonly kind: 'requests'; readonly times: number }
  | {
      readonly kind: 'introspections';
      readonly seconds: number;
      readonly callers: number;
      readonly tokens: readonly string[];
    }
  | { readonly kind: 'grants' }
  | { readonly kind: 'ask' }
  | { readonly kind: 'wait'; readonly requestIds: readonly string[]; readonly each: number };

export type Order = { readonly url: string; readonly sessions: readonly BenchSession[]; readonly task: Task };

/** `tookMs` of each piece; instants are milliseconds of the machine's clock, with their fraction. */
export type Report = {
  readonly tookMs: readonly number[];
  readonly ids?: readonly string[];
  readonly digests?: readonly string[];
  readonly tokens?: readonly string[];
  readonly toldAt?: readonly (readonly [id: string, at: number])[];
};

const now = (): number => performance.timeOrigin + performance.now();

async function call(caller: Caller, wanted: Call): Promise<Record<string, unknown>> {
  const { status, body } = await caller(wanted);
  if (status >= 300)
    throw new Error(`${wanted.method} ${wanted.path} was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

type Answered = {
  readonly request: { readonly id: string; readonly digest: string };
  readonly claimed: { readonly grant: { readonly id: string }; readonly token: string } | null;
};

async function ask(caller: Caller, scope: string): Promise<Answered> {
  const headers = { 'idempotency-key': randomUUID() };
  const body = { scopes: [scope], target: SERVICE, duration_seconds: 1800, reason: 'INC-4211: measured' };
  return (await call(caller, { method: 'POST', path: '/v1/requests', body, headers })) as Answered;
}

/** Asked for, granted at once, given back, and the end of it seen. */
async function cycle(caller: Caller): Promise<void> {
  await giveBack(caller, await ask(caller, READ));
}

async function giveBack(caller: Caller, { claimed }: Answered): Promise<void> {
  const path = `/v1/grants/${claimed?.grant.id}/revoke`;
  const answer = await call(caller, { method: 'POST', path, body: { because: 'done', wait_seconds: 20 } });
  const { state } = (answer as { readonly grant: { readonly state: string } }).grant;
  if (state !== 'ended') throw new Error(`the grant is ${state}`);
}

async function timeUntil(endMs: number, piece: () => Promise<unknown>): Promise<readonly number[]> {
  const tookMs: number[] = [];
  while (performance.now() < endMs) tookMs.push(await time(piece));
  return tookMs;
}

async function time(piece: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await piece();
  return performance.now() - startedMs;
}

async function run({ url, sessions, task }: Order): Promise<Report> {
  const callers = sessions.map((session) => createCaller(url, session));
  const endMs = performance.now() + ('seconds' in task ? task.seconds * 1000 : 0);
  const all = async (piece: (caller: Caller) => Promise<readonly number[]>): Promise<Report> => ({
    tookMs: (await Promise.all(callers.map(piece))).flat(),
  });
  if (task.kind === 'cycles') return all((caller) => timeUntil(endMs, () => cycle(caller)));
  if (task.kind === 'requests') return all((caller) => timeRequests(caller, task.times));
  if (task.kind === 'introspections') return { tookMs: await introspect(url, { ...task, endMs }) };
  if (task.kind === 'wait') return wait(callers, task);
  const answers = await Promise.all(
    callers.map((caller) => ask(caller, task.kind === 'grants' ? READ : WRITE)),
  );
  return {
    tookMs: [],
    ids: answers.map(({ request }) => request.id),
    digests: answers.map(({ request }) => request.digest),
    tokens: answers.map(({ claimed }) => claimed?.token ?? ''),
  };
}

/** One at a time, given back in between; only the asking is timed. */
async function timeRequests(caller: Caller, times: number): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const startedMs = performance.now();
    const answered = await ask(caller, READ);
    tookMs.push(performance.now() - startedMs);
    await giveBack(caller, answered);
  }
  return tookMs;
}

async function introspect(
  url: string,
  task: Extract<Task, { kind: 'introspections' }> & { readonly endMs: number },
): Promise<readonly number[]> {
  const credentials = `${encodeURIComponent(SERVICE)}:${encodeURIComponent(SERVICE_SECRET)}`;
  const head = [
    'POST /oauth/introspect HTTP/1.1',
    `host: ${new URL(url).host}`,
    `authorization: Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type: application/x-www-form-urlencoded\r\n',
  ].join('\r\n');
  let turn = 0;
  const loops = Array.from({ length: task.callers }, async () => {
    const client = await openPlainClient(url);
    const tookMs = await timeUntil(task.endMs, async () => {
      turn += 1;
      const body = `token=${task.tokens[turn % task.tokens.length] ?? ''}`;
      const answer = JSON.parse(await client.post({ head, body })) as { readonly active: boolean };
      if (!answer.active) throw new Error('a live token was called inactive');
    });
    client.close();
    return tookMs;
  });
  return (await Promise.all(loops)).flat();
}

/** Everybody waits for their own request; says when all of them do, and then when each was told. */
async function wait(callers: readonly Caller[], task: Extract<Task, { kind: 'wait' }>): Promise<Report> {
  const toldAt: (readonly [string, number])[] = [];
  const waiting = callers.flatMap((caller, index) =>
    Array.from({ length: task.each }, async () => {
      const id = task.requestIds[index] ?? '';
      await follow(caller, id);
      toldAt.push([id, now()]);
    }),
  );
  await Promise.all(waiting);
  return { tookMs: [], toldAt };
}

/** Of thousands who come in the same second some are not let in at first. */
async function callAgain(caller: Caller, wanted: Call): Promise<Record<string, unknown>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call(caller, wanted);
    } catch (error) {
      if (attempt === 5 || !(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

async function follow(caller: Caller, id: string): Promise<void> {
  for (;;) {
    const path = `/v1/requests/${id}?state=pending&given=0&told=0&wait_seconds=25`;
    const answer = await callAgain(caller, { method: 'GET', path });
    if ((answer as { readonly request: { readonly state: string } }).request.state !== 'pending') return;
  }
}

process.on('message', (order: Order) => {
  run(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
