import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { createFormBrowser } from '../../src/adapters/form-browser.ts';
import { postForm } from '../support/browsers/page-form.ts';
import type { Answer, Desk } from '../support/programs/desk.ts';
import { logIn } from '../support/programs/jit-server.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { listParts } from '../support/programs/stage-config.ts';
import { until } from '../support/until.ts';

const GRANTS = 50;
const MOST_MS = 5_000;
const AT_ONCE = 4;
const SCOPES = listParts({ partCount: GRANTS });
const POLICY = `
@id("reads") permit (principal in Group::"engineers", action == Action::"activate", resource in Environment::"prod");
@id("revoking") permit (principal in Group::"dba", action == Action::"revoke", resource);
`;

let stage: Stage;
let dev: Desk;
let lead: Desk;

beforeAll(async () => {
  stage = await startStage({
    withDatabase: true,
    partCount: GRANTS,
    policies: { 'all.cedar': POLICY },
    limits: `{ live: ${GRANTS}, requests_per_minute: 1000 }`,
  });
  [dev, lead] = await Promise.all([stage.openDesk(), stage.openDesk({ user: 'dba-lead' })]);
});
afterAll(async () => {
  for (const desk of [dev, lead]) await desk?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

async function countRoles(): Promise<unknown> {
  const rows = await stage.database?.sql(
    "select count(*)::int as count from pg_roles where rolname like 'jit\\_%\\_%' and rolname <> 'jit_admin'",
  );
  return rows?.[0]?.count;
}

/** Each grant has a role at the target. The first is asked for at the desk, which can use it then. */
async function askForAll(): Promise<void> {
  const [first = '', ...others] = SCOPES;
  const asked = await dev.run(['request', first, '--reason', 'INC-4211 looking']);
  if (asked.exitCode !== 0) throw new Error(asked.stderr);
  const { backend } = await logIn(stage.url, { user: 'dev', pin: stage.pin });
  const scopes = others.values();
  const worker = async (): Promise<void> => {
    for (const scope of scopes) {
      const { claimed } = await backend.submit({
        scopes: [scope],
        target: 'orders',
        durationSeconds: 1_800,
        reason: 'INC-4211 looking',
        ticket: null,
        extendsGrantId: null,
        breakGlass: false,
        idempotencyKey: randomUUID(),
      });
      if (!claimed) throw new Error(`${scope} was not granted at once`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect(await countRoles()).toBe(GRANTS);
}

/** How long it took until nothing is left at the target, told. */
async function measure<T>(way: string, take: () => Promise<T>): Promise<T> {
  const begunAt = performance.now();
  const taken = await take();
  const tookMs = performance.now() - begunAt;
  expect(await countRoles()).toBe(0);
  console.log(`${GRANTS} grants ended by ${way} in ${Math.round(tookMs)} ms`);
  expect(tookMs).toBeLessThan(MOST_MS);
  return taken;
}

function expectAllEnded({ exitCode, document }: Answer): void {
  expect(exitCode).toBe(0);
  expect(document.grants).toHaveLength(GRANTS);
  for (const grant of document.grants ?? [])
    expect(grant).toMatchObject({
      state: 'ended',
      ended_because: 'revoked',
      revocation: { token: 'revoked', target: 'gone', confirmed: true },
    });
}

describe('an admin ends 50 live grants, at their target too, within 5 s', () => {
  beforeEach(async (context: TestContext) => {
    if (!stage.database) return context.skip();
    await askForAll();
  }, 120_000);

  it('of a target, on the command line', async () => {
    expectAllEnded(await measure('--target', () => lead.readJson(['revoke', '--target', 'orders', '--yes'])));
  });

  it('of a target, on the page', async () => {
    const browser = createFormBrowser();
    const login = await browser.get(`${stage.url}/login?next=/grants`);
    const grants = await browser.submit(login, { user: 'dba-lead', pin: stage.pin });
    expect(grants.html).toContain(`${GRANTS} are live.`);
    const page = await browser.get(`${stage.url}/grants/revoke?target=orders`);
    await measure('the page', async () => {
      await postForm(browser, page, { action: '/grants/revoke' });
      await until('everything has ended', async () =>
        (await browser.get(`${stage.url}/grants`)).html.includes('Nobody holds anything that you may see.'),
      );
    });
  });

  it('of a person, on the command line, who has to log in again for more', async () => {
    const session = dev.start(['exec', '--scope', 'prod:part1.read', '--', 'sleep', '60']);
    expectAllEnded(await measure('--user', () => lead.readJson(['revoke', '--user', 'dev', '--yes'])));
    expect((await dev.run(['request', 'prod:part1.read', '--reason', 'INC-4211 again'])).exitCode).toBe(4);
    session.kill('SIGTERM');
    await session.ended;
  });
});
