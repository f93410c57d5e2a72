import { spawn } from 'node:child_process';
import type { Ended, Started } from './program.ts';
import { readDocument, requireExit, requireThat, type Story, step } from './story.ts';

const ASK = ['request', 'prod:db.read', '--on', 'orders', '--reason', 'INC-4211 slow checkout', '--json'];
const COUNT = 'select count(*) from orders';
const HOLD = 'select pg_sleep(120)';
const SHORT_SECONDS = 6;
/** Invariant I3: no grant outlives its end by more. */
const LATE_SECONDS = 5;

/** A database grant: asked for, used, given back; and another that ends by itself. */
export async function tellDatabase(story: Story): Promise<void> {
  await step(story, 'jit request is granted at once by policy', async () => {
    const { grant } = readDocument(requireExit(await story.jit.run([...ASK, '--for', '30m']), 0));
    requireThat((grant as { state?: unknown } | null)?.state === 'active', 'the grant is not active');
  });
  await step(story, `jit exec runs ${story.query.name} with it`, async () => {
    const { stdout } = requireExit(await execute(story, story.query.command(COUNT)).ended, 0);
    requireThat(/\b\d+\b/.test(stdout), `no count in: ${stdout}`);
  });
  await step(story, 'asking again reports the same grant', async () => {
    const [before, after] = [
      await readGrantIds(story),
      readDocument(await story.jit.run([...ASK, '--for', '20m'])),
    ];
    requireThat(
      before.includes(String((after.grant as { id?: unknown } | null)?.id)),
      'a second grant was made',
    );
  });
  const login = await readLogin(story);
  await step(story, 'jit done closes an open session and drops the role', async () => {
    const session = await openSession(story);
    const given = readDocument(requireExit(await story.jit.run(['done', '--json']), 0));
    const [grant] = given.grants as { revocation: { confirmed: boolean; sessions_ended: number } }[];
    requireThat(grant?.revocation.confirmed === true, 'revocation is not confirmed');
    requireThat((grant?.revocation.sessions_ended ?? 0) >= 1, 'no session was ended');
    requireThat((await session.ended).exitCode !== 0, 'the open session ended well');
  });
  await refuse(story, login, 'jit done');
  await tellExpiry(story);
}

async function tellExpiry(story: Story): Promise<void> {
  await step(story, `a grant for ${SHORT_SECONDS} s is granted`, async () => {
    requireExit(await story.jit.run([...ASK, '--for', `${SHORT_SECONDS}s`]), 0);
  });
  const endsBy = performance.now() + (SHORT_SECONDS + LATE_SECONDS) * 1000;
  const login = await readLogin(story);
  const session = await openSession(story);
  await step(story, 'its open session is closed at the end of its time', async () => {
    requireThat((await session.ended).exitCode !== 0, 'the open session ended well');
    requireThat(performance.now() < endsBy, `it was closed more than ${LATE_SECONDS} s late`);
  });
  await refuse(story, login, 'the end of its time');
  await step(story, 'jit status holds nothing any more', () =>
    waitUntil('a grant is still listed', async () => (await readGrantIds(story)).length === 0),
  );
}

type Login = Readonly<Record<string, string>>;

/** What the grant's role would log in with: kept in memory, to see that it is refused afterwards. */
async function readLogin(story: Story): Promise<Login> {
  const ended = requireExit(
    await execute(story, ['sh', '-c', 'env; cat "$PGPASSFILE" 2>/dev/null || true']).ended,
    0,
  );
  const environment = Object.fromEntries(
    [...ended.stdout.matchAll(/^(PG\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const [, password = environment.PGPASSWORD ?? ''] =
    /^[^=\n]*:\d+:[^:\n]*:[^:\n]*:(.*)$/m.exec(ended.stdout) ?? [];
  const { PGHOST = '', PGPORT = '', PGDATABASE = '', PGUSER = '' } = environment;
  return { PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD: password };
}

async function refuse(story: Story, login: Login, after: string): Promise<void> {
  await step(story, `${story.query.name} is refused after ${after}`, async () => {
    const [command = '', ...args] = story.query.command(COUNT);
    const environment = { ...story.world.processes.environment, ...login };
    const { exitCode, text } = await runAlone(command, args, environment);
    requireThat(exitCode !== 0, 'the role can still log in');
    requireThat(/authentication failed|does not exist/.test(text), `it failed otherwise: ${text}`);
  });
  await step(story, 'and jit exec says that there is no grant', async () => {
    const ended = requireExit(await execute(story, ['true']).ended, 125);
    requireThat(ended.stderr.includes('no live grant'), ended.stderr);
  });
}

function execute(story: Story, command: readonly string[]): Started {
  return story.jit.start(['exec', '--on', 'orders', '--', ...command]);
}

/** A session that stays open, seen in the database itself before the story goes on. */
async function openSession(story: Story): Promise<Started> {
  const session = execute(story, story.query.command(HOLD));
  await waitUntil('the session was never seen in the database', async () => {
    const look = story.query.command(
      "select 'waiting' from pg_stat_activity where usename = current_user and wait_event = 'PgSleep'",
    );
    return (await execute(story, look).ended).stdout.includes('waiting');
  });
  return session;
}

async function waitUntil(otherwise: string, look: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + LATE_SECONDS * 1000;
  while (!(await look())) requireThat(performance.now() < until, otherwise);
}

async function readGrantIds(story: Story): Promise<readonly string[]> {
  const { grants } = readDocument(requireExit(await story.jit.run(['status', '--json']), 0));
  return (grants as { id: string }[]).map((grant) => grant.id);
}

function runAlone(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: Ended['exitCode']; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 1, text }));
  });
}
