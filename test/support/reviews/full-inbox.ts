import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFormBrowser, type FormBrowser } from '../../../src/adapters/form-browser.ts';
import { readProcessorWaitMs } from '../processor-wait.ts';
import { startJit } from '../programs/running-jit.ts';
import { findFreePort } from '../programs/stage.ts';
import { seedRequests } from './full-inbox-seed.ts';

const PEOPLE = 250;
const SCOPES = ['prod:a.read', 'prod:b.read', 'prod:c.write', 'prod:d.write'];
/** One of those who may decide. */
export const REVIEWER = 'lead-0';

const POLICY = `@id("people-decide") @approvals("1") @approvers("leads")
permit (principal in Group::"engineers", action == Action::"request", resource);
@id("leads-approve")
permit (principal in Group::"leads", action == Action::"approve", resource);
`;

/** A real server on SQLite with 1,000 pending requests: each of 250 people, `eng-0` and on, asked for each of four scopes. */
export type FullInbox = AsyncDisposable & {
  readonly url: string;
  readonly pin: string;
  readonly pid: number;
  readonly requests: number;
  readonly people: number;
  /** A browser without script in which a reviewer is logged in. */
  browse(): Promise<FormBrowser>;
};

export async function openFullInbox(): Promise<FullInbox> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-full-inbox-'));
  const port = await findFreePort();
  const config = join(folder, 'jit.yaml');
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies', 'people.cedar'), POLICY);
  await writeFile(config, describeConfig(port), { mode: 0o600 });
  const requests = await seedRequests(config);
  const environment = { PATH: process.env.PATH ?? '', HOME: folder };
  const server = startJit({ args: ['server', '--config', config], environment });
  const [, pin = ''] = await server.says(/PIN (\S+)/);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    pin,
    pid: server.pid,
    requests,
    people: PEOPLE,
    browse: async () => {
      const browser = createFormBrowser();
      await browser.submit(await browser.get(`${url}/login?next=%2Finbox`), { user: REVIEWER, pin });
      return browser;
    },
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGTERM');
      await server.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type PageTimes = {
  /** From asking to the last byte, over loopback. */
  readonly wholeMs: readonly number[];
  /** Without what server and client waited for a processor that others had. */
  readonly ownMs: readonly number[];
};

/** How long so many answers took, one after another; shortest first. */
export async function measurePage(
  inbox: FullInbox,
  {
    browser,
    address,
    rounds,
  }: { readonly browser: FormBrowser; readonly address: string; readonly rounds: number },
): Promise<PageTimes> {
  const readWaitMs = async () =>
    (await readProcessorWaitMs(inbox.pid)) + (await readProcessorWaitMs(process.pid));
  const times: { readonly wholeMs: number; readonly ownMs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const waitedMs = await readWaitMs();
    const begunAt = performance.now();
    const page = await browser.get(address);
    const wholeMs = performance.now() - begunAt;
    times.push({ wholeMs, ownMs: wholeMs - ((await readWaitMs()) - waitedMs) });
    if (page.status !== 200) throw new Error(`${address} answered ${page.status}`);
  }
  const sort = (figures: readonly number[]) => figures.toSorted((left, right) => left - right);
  return { wholeMs: sort(times.map(({ wholeMs }) => wholeMs)), ownMs: sort(times.map(({ ownMs }) => ownMs)) };
}

function describeConfig(port: number): string {
  const engineers = Array.from(
    { length: PEOPLE },
    (_, index) => `{ name: eng-${index}, groups: [engineers] }`,
  );
  const leads = Array.from(
    { length: 10 },
    (_, index) => `{ name: lead-${index}, groups: [engineers, leads] }`,
  );
  const scope = '{ description: Work, sensitivity: high, default: 30m, max: 8h, targets: [orders-api] }';
  return `url: http://127.0.0.1:${port}
listen: 127.0.0.1:${port}
timezone: Europe/Rome
store: sqlite:./jit.db
pending_ttl: 12h
identity: { dev: { users: [${[...engineers, ...leads].join(', ')}] } }
policies: ./policies
scopes:
${SCOPES.map((name) => `  ${name}: ${scope}`).join('\n')}
targets:
  orders-api: { kind: token, audience: "https://orders-api.example.com" }
`;
}
