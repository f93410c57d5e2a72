import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { REVIEW_PEOPLE, REVIEW_POLICY } from '../support/reviews/review-policy.ts';

const REASON = 'INC-4211 the shop is down, totals are wrong';
const ASK = ['request', 'prod:db.write', '--for', '15m', '--break-glass', '--reason', REASON];

let stage: Stage;
let desk: Desk;
let lead: Desk;
beforeAll(async () => {
  const policies = { 'review.cedar': REVIEW_POLICY };
  stage = await startStage({ people: REVIEW_PEOPLE, policies, reviewWithin: '3s' });
  [desk, lead] = await Promise.all([
    stage.openDesk({ user: 'oncall' }),
    stage.openDesk({ user: 'dba-lead' }),
  ]);
});
afterAll(async () => {
  for (const one of [desk, lead]) await one[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

describe('break-glass', () => {
  it('wants the target named a second time, and a reason that others can judge', async () => {
    const unconfirmed = await desk.readJson(ASK);
    expect(unconfirmed.document.error).toMatchObject({
      code: 'missing_answer',
      hint: 'add --confirm orders-api',
    });
    expect(unconfirmed.exitCode).toBe(2);
    const elsewhere = await desk.run([...ASK, '--confirm', 'billing-api']);
    expect(elsewhere).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is not the target') });
    const brief = await desk.readJson([...ASK.slice(0, -1), 'help', '--confirm', 'orders-api']);
    expect(brief).toMatchObject({ exitCode: 2, document: { error: { code: 'bad_reason' } } });
    expect((await desk.readJson(['status'])).document).toMatchObject({ requests: [], grants: [] });
  });

  it('is denied to whom policy does not give it', async () => {
    const { document, exitCode } = await lead.readJson([...ASK, '--confirm', 'orders-api']);
    expect(document.request).toMatchObject({ state: 'denied', break_glass: true });
    expect(exitCode).toBe(3);
  });

  it('is granted at once, is marked everywhere, and blocks the next until somebody else has looked', async () => {
    const { exitCode, stderr } = await desk.run([...ASK, '--confirm', 'orders-api']);
    expect(stderr).toContain('! break-glass · orders-api · prod:db.write · until');
    expect(stderr).toContain('  somebody else must review it by ');
    expect(exitCode).toBe(0);
    expect((await desk.run(['history'])).stdout).toMatch(/active \(break-glass\) +orders-api/);
    expect((await desk.run(['status'])).stdout).toMatch(/active \(break-glass\) +orders-api/);
    expect((await desk.readJson(['status'])).document.grants).toMatchObject([{ break_glass: true }]);
    const { document: inbox } = await lead.readJson(['inbox']);
    const [due] = inbox.afterwards as readonly { readonly id: string }[];
    expect(due).toMatchObject({ requested_by: 'oncall', break_glass: true });
    const id = due?.id ?? '';
    const given = await desk.run(['done']);
    expect(given.stderr).toContain(' · orders-api · prod:db.write · break-glass\n');
    await expect
      .poll(async () => (await desk.run(['status'])).stdout, { timeout: 10_000 })
      .toMatch(/^break-glass, review overdue +orders-api/m);
    const next = await desk.readJson([...ASK, '--confirm', 'orders-api']);
    expect(next).toMatchObject({ exitCode: 3, document: { error: { code: 'review_overdue' } } });
    const own = await desk.readJson(['review', id, '--accept', '--reason', 'it was me']);
    expect(own).toMatchObject({ exitCode: 3, document: { error: { code: 'self_approval' } } });
    expect(await lead.run(['review', id, '--accept'])).toMatchObject({ exitCode: 2 });
    const review = await lead.run(['review', id, '--accept', '--reason', 'the log shows one update']);
    expect(review.stderr).toContain('✔ accepted · break-glass by oncall · orders-api · prod:db.write\n');
    expect(review.exitCode).toBe(0);
    expect((await desk.run(['status'])).stdout).toBe('nothing held, nothing pending\n');
  });
});
