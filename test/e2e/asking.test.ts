import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const REASON = ['--reason', 'INC-4211 slow checkout'];
const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', ...REASON];
const WRITE = ['request', 'prod:db.write', '--on', 'orders-api', '--for', '15m', ...REASON];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

let stage: Stage;
let desk: Desk;

beforeAll(async () => {
  stage = await startStage();
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  await desk.run(['done']);
  await desk.run(['cancel']);
});

describe('jit request', () => {
  it('says by which rule, where, what and until when', async () => {
    const { exitCode, stdout, stderr } = await desk.run(READ);
    expect(stderr).toMatch(
      /^✔ approved by rule api-reads-are-automatic · orders-api · prod:api\.read · until (tomorrow )?\d\d:\d\d \(30 min\)\n$/,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });

  it('answers with every field of a request and a grant', async () => {
    const { document, exitCode } = await desk.readJson(READ);
    expect(exitCode).toBe(0);
    expect(Object.keys(document)).toEqual(['request', 'grant']);
    expect(document.request).toEqual({
      id: expect.stringMatching(/^req_[0-9a-z]+$/),
      url: expect.stringContaining(stage.url),
      state: 'claimed',
      scopes: ['prod:api.read'],
      target: 'orders-api',
      duration_seconds: 1800,
      reason: 'INC-4211 slow checkout',
      ticket: null,
      requested_by: 'dev',
      created_at: expect.stringMatching(INSTANT),
      lapses_at: expect.stringMatching(INSTANT),
      claim_by: expect.stringMatching(INSTANT),
      decision: {
        outcome: 'automatic',
        rule: 'api-reads-are-automatic',
        reasons: ['engineers may read through the API'],
        advice: [],
        reviews: [],
      },
      approvals: { needed: 0, given: 0, groups: [] },
      can_approve: [],
      told: [],
      grant_id: document.grant?.id,
      extends_grant_id: null,
      break_glass: false,
      originally: { scopes: ['prod:api.read'], duration_seconds: 1800 },
      escalated_at: null,
      afterwards: null,
      digest: expect.stringMatching(/^[\w-]{20,}$/),
    });
    expect(document.grant).toEqual({
      id: expect.stringMatching(/^gr_[0-9a-z]+$/),
      url: expect.stringContaining(stage.url),
      request_id: document.request?.id,
      state: 'active',
      scopes: ['prod:api.read'],
      target: 'orders-api',
      held_by: 'dev',
      break_glass: false,
      claimed_at: expect.stringMatching(INSTANT),
      expires_at: expect.stringMatching(INSTANT),
      last_used_at: null,
      ended_at: null,
      ended_because: null,
      revocation: {
        token: 'live',
        target: 'live',
        confirmed: false,
        attempts: 0,
        last_error: null,
        sessions_ended: 0,
      },
    });
  });

  it('chooses the usual time and the only target by itself', async () => {
    const { document } = await desk.readJson(['request', 'prod:db.write', ...REASON, '--no-wait']);
    expect(document.request).toMatchObject({ target: 'orders-api', duration_seconds: 900 });
  });

  it('reports what is held already, and extends it where more time is asked for', async () => {
    const { document: first } = await desk.readJson(READ);
    const again = await desk.run(READ.with(5, '20m'));
    expect(again.stderr).toMatch(/^✔ you hold this already · orders-api · prod:api\.read · until/);
    const longer = await desk.run(READ.with(5, '1h'));
    expect(longer.stderr).toMatch(/^✔ extended by rule api-reads-are-automatic · .* \(1 h\)\n$/);
    const { document: status } = await desk.readJson(['status']);
    expect(status.grants?.map((grant) => grant.id)).toEqual([first.grant?.id]);
  });

  it('joins a pending request instead of making another', async () => {
    const { document: first } = await desk.readJson([...WRITE, '--no-wait']);
    const { document: second, stderr } = await desk.readJson([...WRITE, '--no-wait', '--ticket', 'INC-4212']);
    expect(second.request?.id).toBe(first.request?.id);
    expect([first.joined, second.joined]).toEqual([undefined, true]);
    expect(stderr).toContain('this adds nothing to it: jit cancel req_');
  });
});

describe('jit request --dry-run', () => {
  it.each([
    [
      '0 where it would be granted at once',
      READ,
      0,
      'policy  granted at once by rule api-reads-are-automatic',
    ],
    [
      '5 where people would decide, and says who',
      WRITE,
      5,
      'policy  people decide (dba-lead) by rule writes-need-a-dba',
    ],
    [
      '3 where it would be denied',
      [...WRITE, '--break-glass', '--reason', 'INC-4211 nobody can buy anything at all'],
      3,
      'policy  denied',
    ],
  ])('exits with %s', async (_what, args, exitCode, said) => {
    const outcome = await desk.run([...args, '--dry-run']);
    expect(outcome.stderr).toContain(said);
    expect(outcome.exitCode).toBe(exitCode);
    const { document } = await desk.readJson(['status']);
    expect(document).toMatchObject({ requests: [], grants: [] });
  });

  it('is a document with the decision and who could approve', async () => {
    const { document } = await desk.readJson([...WRITE, '--dry-run']);
    expect(document).toMatchObject({
      decision: { outcome: 'needs_people', rule: 'writes-need-a-dba' },
      can_approve: ['dba-lead'],
    });
  });
});

describe('jit extend', () => {
  it('asks for more time with the reason that the grant was asked for', async () => {
    const { document: before } = await desk.readJson(READ);
    const { document: after, exitCode } = await desk.readJson(['extend', '--for', '2h']);
    expect(exitCode).toBe(0);
    expect(after.request).toMatchObject({
      reason: 'INC-4211 slow checkout',
      extends_grant_id: before.grant?.id,
    });
    expect(after.grant?.id).toBe(before.grant?.id);
    expect(Date.parse(after.grant?.expires_at ?? '')).toBeGreaterThan(
      Date.parse(before.grant?.expires_at ?? ''),
    );
  });

  it('says so where the grant lasts longer than that already', async () => {
    await desk.run(READ);
    const { stderr, exitCode } = await desk.run(['extend', '--for', '10m']);
    expect(stderr).toMatch(
      /^✔ it lasts longer than that already · orders-api · prod:api\.read · until .*\(30 min\)/,
    );
    expect(exitCode).toBe(0);
  });

  it('is 6 where nothing is held, and 2 where it is not said how long', async () => {
    expect((await desk.run(['extend', '--for', '10m'])).exitCode).toBe(6);
    const { exitCode, stderr } = await desk.run(['extend']);
    expect(stderr).toContain('add --for 30m');
    expect(exitCode).toBe(2);
  });
});
