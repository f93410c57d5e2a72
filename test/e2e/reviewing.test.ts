import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { REVIEW_PEOPLE, REVIEW_POLICY } from '../support/reviews/review-policy.ts';
import { hasTmux } from '../support/terminal/tmux.ts';

const REASON = ['--reason', 'INC-4211 fix the totals'];
const ASK = ['request', 'prod:db.write', '--for', '30m', ...REASON];
const ASK_TWO = ['request', 'prod:db.write', '--for', '45m', ...REASON];
const ASK_BOTH = [
  'request',
  'prod:db.read',
  'prod:db.write',
  '--on',
  'orders-api',
  '--for',
  '30m',
  ...REASON,
];

let stage: Stage;
let desk: Desk;
let lead: Desk;
let guard: Desk;
beforeAll(async () => {
  stage = await startStage({ people: REVIEW_PEOPLE, policies: { 'review.cedar': REVIEW_POLICY } });
  [desk, lead, guard] = await Promise.all([
    stage.openDesk(),
    stage.openDesk({ user: 'dba-lead' }),
    stage.openDesk({ user: 'guard' }),
  ]);
});
afterAll(async () => {
  for (const one of [desk, lead, guard]) await one[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  await Promise.all([desk.run(['cancel']), desk.run(['done'])]);
});

async function ask(args: readonly string[] = ASK): Promise<string> {
  const { document } = await desk.readJson([...args, '--no-wait']);
  return document.request?.id ?? '';
}

describe('a request that waits', () => {
  it('says who can approve and where, is in the reviewer’s inbox, and goes on when it is approved', async () => {
    const asking = desk.start(ASK);
    const [, id = ''] = await asking.says(/… waiting for .* · (req_\w+)/);
    const inbox = await lead.readJson(['inbox']);
    expect(inbox.document.requests).toMatchObject([{ id, requested_by: 'dev', state: 'pending' }]);
    expect((await desk.readJson(['inbox'])).document.requests).toEqual([]);
    const approved = await lead.run(['approve', id.slice(-6), '--yes', '--reason', 'go ahead']);
    expect(approved.stderr).toContain('✔ approved for dev · orders-api · prod:db.write');
    expect(approved.stderr).toContain('INC-4211 fix the totals');
    expect(approved.exitCode).toBe(0);
    const { exitCode, stderr } = await asking.ended;
    expect(stderr).toContain(`dba-lead or guard can approve · ${stage.url}/requests/${id}`);
    expect(stderr).toMatch(
      /✔ approved by dba-lead · orders-api · prod:db\.write · until .*\n {2}dba-lead: go ahead\n/,
    );
    expect(exitCode).toBe(0);
    expect((await desk.run(['token'])).exitCode).toBe(0);
    const history = await desk.run(['history', '--limit', '1']);
    expect(history.stdout).toMatch(/active .* dba-lead +req_/);
  });

  it('is 3 when it is denied, and says by whom and why', async () => {
    const asking = desk.start(ASK);
    const [, id = ''] = await asking.says(/… waiting for .* · (req_\w+)/);
    expect(await lead.run(['deny', id])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('add --reason'),
    });
    const denied = await lead.run(['deny', id, '--reason', 'not during the freeze']);
    expect(denied).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('✔ denied · orders-api') });
    const { exitCode, stderr } = await asking.ended;
    expect(stderr).toContain(`✖ ${id} was denied: dba-lead says "not during the freeze"\n`);
    expect(exitCode).toBe(3);
    const again = await lead.readJson(['approve', id, '--yes']);
    expect(again).toMatchObject({ exitCode: 1, document: { error: { code: 'already_decided' } } });
  });

  it('tells when less was approved than asked', async () => {
    const id = await ask(ASK_BOTH);
    expect(await lead.run(['approve', id, '--yes', '--only', 'prod:api.read'])).toMatchObject({
      exitCode: 2,
    });
    expect(await lead.run(['approve', id, '--yes', '--for', '2h'])).toMatchObject({ exitCode: 2 });
    const approved = await lead.run(['approve', id, '--yes', '--for', '10m', '--without', 'prod:db.write']);
    expect(approved.stderr).toContain('for 10 min instead of 30 min, without prod:db.write');
    const { exitCode, stderr } = await desk.run(['wait', id]);
    expect(stderr).toContain('✔ approved by dba-lead · orders-api · prod:db.read · until');
    expect(stderr).toContain(
      '  less than you asked for: for 10 min instead of 30 min, without prod:db.write\n',
    );
    expect(exitCode).toBe(0);
  });

  it('counts a quorum of two, and says so to whoever waits', async () => {
    const asking = desk.start(ASK_TWO);
    const [, id = ''] = await asking.says(/… waiting for .* · (req_\w+)/);
    const first = await lead.run(['approve', id, '--yes']);
    expect(first.stderr).toMatch(/✔ your approval is given .*\n {2}1 of 2: dba-lead approved \d s ago/);
    expect(first.exitCode).toBe(0);
    await asking.says(/1 of 2: dba-lead approved \d s ago/);
    const status = await desk.run(['status']);
    expect(status.stdout).toMatch(/pending .* 1 of 2: dba-lead approved \d+ s ago, waiting for guard/);
    expect((await lead.readJson(['inbox'])).document.requests).toEqual([]);
    expect((await guard.run(['approve', id, '--yes'])).exitCode).toBe(0);
    const { exitCode, stderr } = await asking.ended;
    expect(stderr).toContain('✔ approved by dba-lead and guard');
    expect(exitCode).toBe(0);
  });

  it('APR-01: is 3 for whoever asked it, and stays pending', async () => {
    const { document } = await lead.readJson([...ASK, '--no-wait']);
    const id = document.request?.id ?? '';
    const own = await lead.readJson(['approve', id, '--yes']);
    expect(own).toMatchObject({ exitCode: 3, document: { error: { code: 'self_approval' } } });
    expect(await lead.readJson(['deny', id, '--reason', 'mine'])).toMatchObject({ exitCode: 3 });
    expect((await lead.readJson(['status'])).document.requests).toMatchObject([{ id, state: 'pending' }]);
    await lead.run(['cancel', id]);
  });

  it('is not there for whom it is not', async () => {
    const id = await ask();
    await using eva = await stage.openDesk({ user: 'eva' });
    expect((await eva.readJson(['inbox'])).document).toMatchObject({ requests: [], afterwards: [] });
    const stranger = await eva.readJson(['approve', id, '--yes']);
    expect([1, 3]).toContain(stranger.exitCode);
    expect((await desk.readJson(['status'])).document.requests).toMatchObject([{ id, state: 'pending' }]);
  });

  it('APR-03: is not approved by somebody who looked at something else', async () => {
    const id = await ask();
    const { document } = await lead.readJson(['approve', id, '--digest', 'of-something-else']);
    expect(document.error).toMatchObject({ code: 'request_changed' });
    const { document: inbox } = await lead.readJson(['inbox']);
    const digest = inbox.requests?.[0]?.digest ?? '';
    expect(await lead.run(['approve', id, '--digest', digest])).toMatchObject({ exitCode: 0 });
  });

  it('can be left with Ctrl-C and picked up on another machine', async () => {
    const asking = desk.start(ASK);
    const [, id = ''] = await asking.says(/… waiting for .* · (req_\w+)/);
    asking.kill('SIGINT');
    const left = await asking.ended;
    expect(left.stderr).toContain(`${id} is still pending\n  jit wait ${id}\n`);
    expect(left.exitCode).toBe(130);
    await using laptop = await stage.openDesk();
    const waiting = laptop.start(['wait']);
    await waiting.says(/waiting for dba-lead/);
    expect((await lead.run(['approve', id, '--yes'])).exitCode).toBe(0);
    const { exitCode, stderr } = await waiting.ended;
    expect(stderr).toContain('✔ approved by dba-lead');
    expect(exitCode).toBe(0);
    expect((await laptop.run(['token'])).exitCode).toBe(0);
  });
});

describe.skipIf(!hasTmux())('a reviewer at a terminal', () => {
  it('sees the inbox update by itself, looks, and approves what was picked; enter alone decides nothing', async () => {
    await using terminal = await lead.openTerminal({ columns: 80, rows: 40 });
    await terminal.run('jit inbox');
    await terminal.see('nothing waits for you');
    const asking = desk.start(ASK);
    await asking.says(/… waiting for .* · req_\w+/);
    await terminal.see(/dev +orders-api +prod:db\.write +30 min +0 of 1[^\n]*\n {2}INC-4211 fix the totals/);
    await terminal.press('C-c');
    await terminal.see('updates by itself · Ctrl-C to leave');
    await terminal.see('exit=0');
    for (const answer of ['', 'y']) {
      await terminal.run('clear; jit approve');
      await terminal.see(/\? Which request\s*\n❯ dev · orders-api · prod:db\.write · 30 min/);
      await terminal.press('Enter');
      await terminal.see('? Approve it? (y/N)');
      await terminal.type(answer);
      await terminal.press('Enter');
      await terminal.see(answer === '' ? 'nothing was decided' : '✔ approved for dev');
    }
    expect(await asking.ended).toMatchObject({ exitCode: 0 });
  });
});
