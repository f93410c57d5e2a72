import { Client } from 'pg';
import { type Caller, createCaller } from './caller.ts';
import { DATABASE, READ, ROWS, SERVICE, SERVICE_SECRET } from './config.ts';
import { type Line, summarise } from './figures.ts';
import type { Place } from './place.ts';
import { openPlainClient } from './plain-client.ts';

const SESSIONS = 200;
const TOKENS = 100;
const REPLICAS = 3;

type Given = {
  readonly claimed: {
    readonly grant: { readonly id: string };
    readonly token: string;
    readonly credential: {
      readonly environment: Readonly<Record<string, string>>;
      readonly secret_files: readonly [{ readonly instead: { readonly value: string } }];
    };
  };
};

function createFirstCaller({ url, sessions: [first] }: Place): Caller {
  if (!first) throw new Error('nobody is logged in');
  return createCaller(url, { token: first.accessToken.reveal(), key: first.dpopKey.reveal() });
}

async function ask(caller: Caller, scope: string, target: string): Promise<Given> {
  const body = { scopes: [scope], target, duration_seconds: 1800, reason: 'INC-4211: measured' };
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const answer = await caller({ method: 'POST', path: '/v1/requests', body, headers });
  if (answer.status >= 300) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body as Given;
}

async function revoke(caller: Caller, { claimed }: Given): Promise<void> {
  const path = `/v1/grants/${claimed.grant.id}/revoke`;
  const { status } = await caller({ method: 'POST', path, body: { because: 'done', wait_seconds: 0 } });
  if (status >= 300) throw new Error(`a revocation was answered ${status}`);
}

/** From sending the revocation until a client that is logged in to the database is told that its session was ended. */
export async function measureSessions(place: Place): Promise<readonly Line[]> {
  const caller = createFirstCaller(place);
  const tookMs: number[] = [];
  for (let index = 0; index < SESSIONS; index += 1) {
    const given = await ask(caller, ROWS, DATABASE);
    const session = await logIn(given);
    const ended = new Promise<number>((resolve) => session.once('end', () => resolve(performance.now())));
    const startedMs = performance.now();
    await revoke(caller, given);
    tookMs.push((await ended) - startedMs);
  }
  const { p50, p99 } = summarise(tookMs);
  return [
    {
      what: 'revoked, until the open session is closed',
      measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      budget: 'p99 ≤ 250 ms',
      isMet: p99 <= 250,
    },
  ];
}

async function logIn({ claimed: { credential } }: Given): Promise<Client> {
  const { PGHOST = '', PGPORT, PGDATABASE, PGUSER } = credential.environment;
  const password = credential.secret_files[0].instead.value;
  const address = { host: PGHOST, port: Number(PGPORT), database: PGDATABASE, user: PGUSER };
  const client = new Client({ ...address, password });
  // To be cut off is what it is there for.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** From sending the revocation until every replica, asked again and again, says that the token is dead. */
export async function measureDeadTokens(place: Place): Promise<readonly Line[]> {
  await using stack = new AsyncDisposableStack();
  const places = [place.url];
  if (place.engine === 'postgres')
    while (places.length < REPLICAS) places.push(stack.use(await place.startOther()).listensAt);
  const clients = await Promise.all(places.map(openPlainClient));
  const caller = createFirstCaller(place);
  const credentials = Buffer.from(`${SERVICE}:${encodeURIComponent(SERVICE_SECRET)}`).toString('base64');
  const head = `POST /oauth/introspect HTTP/1.1\r\nhost: ${new URL(place.url).host}\r\nauthorization: Basic ${credentials}\r\ncontent-type: application/x-www-form-urlencoded\r\n`;
  const tookMs: number[] = [];
  for (let index = 0; index < TOKENS; index += 1) {
    const given = await ask(caller, READ, SERVICE);
    const body = `token=${given.claimed.token}`;
    const askAll = clients.map(
      ({ post }) =>
        async () =>
          (JSON.parse(await post({ head, body })) as { readonly active: boolean }).active,
    );
    for (const isActive of askAll) if (!(await isActive())) throw new Error('a live token is dead');
    const startedMs = performance.now();
    await Promise.all([revoke(caller, given), ...askAll.map(untilFalse)]);
    tookMs.push(performance.now() - startedMs);
  }
  for (const { close } of clients) close();
  const { p50, p99 } = summarise(tookMs);
  return [
    {
      what: `revoked, until ${places.length} server${places.length === 1 ? ' says' : 's say'} so`,
      measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      budget: '≤ 1 s',
      isMet: p99 <= 1_000,
    },
  ];
}

async function untilFalse(isSo: () => Promise<boolean>): Promise<void> {
  while (await isSo());
}
