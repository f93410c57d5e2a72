import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const ASK = ['request', 'prod:db.write', '--for', '15m', '--reason', 'INC-4211 fix the totals'];

let stage: Stage;
let desk: Desk;
let lead: Desk;

beforeAll(async () => {
  stage = await startStage();
  [desk, lead] = await Promise.all([stage.openDesk(), stage.openDesk({ user: 'dba-lead' })]);
});
afterAll(async () => {
  for (const one of [desk, lead]) await one[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  stage.meddler.relent();
  await Promise.all([desk.run(['cancel']), desk.run(['done'])]);
});

async function ask(): Promise<string> {
  const { document } = await desk.readJson([...ASK, '--no-wait']);
  return document.request?.id ?? '';
}

describe('a request that people decide', () => {
  it('is 5 with --no-wait, and says whom it waits for and how to pick it up', async () => {
    const { exitCode, stderr } = await desk.run([...ASK, '--no-wait']);
    expect(stderr).toMatch(
      /^… waiting for dba-lead · orders-api · prod:db\.write · lapses at .* \(1 h\)\n {2}dba-lead can approve · http\S+\/requests\/req_\w+\n {2}pick it up with jit wait req_\w+\n$/,
    );
    expect(exitCode).toBe(5);
    const { document } = await desk.readJson([...ASK, '--no-wait']);
    expect(document).toMatchObject({
      request: {
        state: 'pending',
        approvals: { needed: 1, given: 0 },
        can_approve: ['dba-lead'],
        decision: { outcome: 'needs_people', rule: 'writes-need-a-dba' },
      },
      grant: null,
    });
  });

  it('is 5 when --timeout is over, and stays pending', async () => {
    const { exitCode, document } = await desk.readJson([...ASK, '--timeout', '1s']);
    expect(document.error).toMatchObject({
      code: 'still_pending',
      hint: expect.stringMatching(/^jit wait req_\w+$/),
    });
    expect(exitCode).toBe(5);
    const { document: status } = await desk.readJson(['status']);
    expect(status.requests).toMatchObject([{ state: 'pending' }]);
  });

  it('is waited for by jit wait without a name where it is the only one', async () => {
    const id = await ask();
    const { exitCode, stderr } = await desk.run(['wait', '--timeout', '1s']);
    expect(stderr).toContain(`✖ ${id} is still pending: nobody has decided yet\n  jit wait ${id}\n`);
    expect(exitCode).toBe(5);
  });

  it('is claimed by jit wait once it is approved', async () => {
    const id = await ask();
    await lead.run(['approve', id, '--yes']);
    const decided = await desk.run(['wait', id, '--no-claim']);
    expect(decided.stderr).toContain(`pick it up with jit wait ${id}`);
    expect(decided.exitCode).toBe(0);
    const { document, exitCode } = await desk.readJson(['wait', id]);
    expect(document).toMatchObject({
      request: { state: 'claimed', approvals: { given: 1 }, decision: { reviews: [{ by: 'dba-lead' }] } },
      grant: { state: 'active', request_id: id },
    });
    expect(exitCode).toBe(0);
    expect((await desk.run(['token'])).exitCode).toBe(0);
  });

  it('is 3 when it is denied, with the reviewer’s answer', async () => {
    const id = await ask();
    await lead.run(['deny', id, '--reason', 'not today']);
    const { exitCode, stderr } = await desk.run(['wait', id]);
    expect(stderr).toContain(`✖ ${id} was denied: dba-lead says "not today"`);
    expect(exitCode).toBe(3);
  });
});

describe('while somebody waits', () => {
  it('it is 3 when the request is cancelled elsewhere', async () => {
    const id = await ask();
    const waiting = desk.start(['wait', id, '--json']);
    await waiting.says(/waiting for dba-lead/);
    expect((await desk.run(['cancel', id])).exitCode).toBe(0);
    const { exitCode, stdout } = await waiting.ended;
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'cancelled', hint: 'jit request asks again' },
    });
    expect(exitCode).toBe(3);
  });

  it('it is 3 when somebody denies', async () => {
    const id = await ask();
    const waiting = desk.start(['wait', id]);
    await waiting.says(/waiting for dba-lead/);
    await lead.run(['deny', id, '--reason', 'not today']);
    const { exitCode, stderr } = await waiting.ended;
    expect(stderr).toContain(`✖ ${id} was denied: dba-lead says "not today"`);
    expect(exitCode).toBe(3);
  });

  it('Ctrl-C leaves it pending and says how to go on (130)', async () => {
    const waiting = desk.start(ASK);
    await waiting.says(/waiting for dba-lead/);
    waiting.kill('SIGINT');
    const { exitCode, stderr } = await waiting.ended;
    const { document } = await desk.readJson(['status']);
    const id = document.requests?.[0]?.id ?? 'none is open';
    expect(stderr).toContain(`✖ ${id} is still pending\n  jit wait ${id}\n`);
    expect(exitCode).toBe(130);
  });

  it('the server may go and come back', async () => {
    const id = await ask();
    const waiting = desk.start(['wait', id]);
    await waiting.says(/waiting for dba-lead/);
    await stage.stopServer('SIGKILL');
    await stage.startServer();
    await desk.run(['cancel', id]);
    const { exitCode, stderr } = await waiting.ended;
    expect(stderr).toContain(`✖ ${id} was cancelled`);
    expect(exitCode).toBe(3);
  });
});

describe('what nobody decides', () => {
  it('lapses while it is waited for, and that is 3', async () => {
    await using short = await startStage({ pendingTtl: '3s' });
    await using other = await short.openDesk();
    const { exitCode, document } = await other.readJson(ASK);
    expect(document.error).toMatchObject({
      code: 'lapsed',
      message: expect.stringContaining('nobody decided by'),
      hint: 'jit request asks again',
    });
    expect(exitCode).toBe(3);
    const { document: status } = await other.readJson(['status']);
    expect(status.requests).toEqual([]);
  });
});
