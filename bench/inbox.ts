import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFormBrowser, type FormBrowser } from '../src/adapters/form-browser.ts';
import { startJit } from '../test/support/running-jit.ts';
import { findFreePort } from '../test/support/stage.ts';
import { seedRequests } from './inbox/seed.ts';

// The inbox page with 1,000 pending requests: `node scripts/build.ts && node bench/inbox.ts`. Budget: the median of 50 is
// under 100 ms. What is measured is the whole answer over loopback, which is more than the server's own time.

const PEOPLE = 250;
const SCOPES = ['prod:a.read', 'prod:b.read', 'prod:c.write', 'prod:d.write'];
const ROUNDS = 50;
const PATHS = ['/inbox', '/inbox?page=10', '/inbox?q=eng-77', '/inbox?q=nothing'];

const POLICY = `@id("people-decide") @approvals("1") @approvers("leads")
permit (principal in Group::"engineers", action == Action::"request", resource);
@id("leads-approve")
permit (principal in Group::"leads", action == Action::"approve", resource);
`;

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

async function measure(browser: FormBrowser, address: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now();
    const page = await browser.get(address);
    times.push(performance.now() - startedMs);
    if (page.status !== 200) throw new Error(`${address} answered ${page.status}`);
  }
  return times.toSorted((left, right) => left - right);
}

const folder = await mkdtemp(join(tmpdir(), 'jit-bench-inbox-'));
const port = await findFreePort();
const url = `http://127.0.0.1:${port}`;
try {
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies', 'people.cedar'), POLICY);
  await writeFile(join(folder, 'jit.yaml'), describeConfig(port), { mode: 0o600 });
  const count = await seedRequests(join(folder, 'jit.yaml'));
  const environment = { PATH: process.env.PATH ?? '', HOME: folder };
  const server = startJit({ args: ['server', '--config', join(folder, 'jit.yaml')], environment });
  const [, pin = ''] = await server.says(/PIN (\S+)/);
  const browser = createFormBrowser();
  await browser.submit(await browser.get(`${url}/login?next=%2Finbox`), { user: 'lead-0', pin });
  console.log(`${count} pending requests of ${PEOPLE} people`);
  for (const path of PATHS) {
    const times = await measure(browser, url + path);
    const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(1);
    console.log(`${path.padEnd(20)} median ${at(0.5)} ms, 95 % ${at(0.95)} ms, most ${at(1)} ms`);
  }
  server.kill('SIGTERM');
  await server.ended;
} finally {
  await rm(folder, { recursive: true, force: true });
}
