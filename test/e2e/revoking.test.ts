import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const ask = (target: string): readonly string[] => {
  return ['request', 'prod:api.read', '--on', target, '--for', '30m', '--reason', 'INC-4211 slow checkout'];
};

let stage: Stage;
let desk: Desk;
let lead: Desk;
let colleague: Desk;
beforeAll(async () => {
  stage = await startStage();
  [desk, lead, colleague] = await Promise.all([
    stage.openDesk(),
    stage.openDesk({ user: 'dba-lead' }),
    stage.openDesk({ user: 'eva' }),
  ]);
});
afterAll(async () => {
  for (const one of [desk, lead, colleague]) await one[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  await desk.run(['done']);
});

describe('jit revoke', () => {
  it('--target takes only what is on that target', async () => {
    await desk.run(ask('orders-api'));
    await desk.run(ask('billing-api'));
    expect(await desk.run(['revoke', '--target', 'orders-api'])).toMatchObject({ exitCode: 0 });
    const { document } = await desk.readJson(['status']);
    expect(document.grants?.map((grant) => grant.target)).toEqual(['billing-api']);
    expect(await desk.run(['revoke', '--target', 'orders-api'])).toMatchObject({ exitCode: 6 });
    expect(await desk.run(['revoke', '--all'])).toMatchObject({ exitCode: 0 });
  });

  it('of another person’s grant is for whom policy permits it, and its copy is worthless at once', async () => {
    const { document } = await desk.readJson(ask('orders-api'));
    const id = document.grant?.id ?? '';
    const refused = await colleague.run(['revoke', id]);
    expect(refused.stderr).toContain(`there is no grant ${id}`);
    expect(refused.exitCode).toBe(1);
    expect(await lead.run(['revoke', id])).toMatchObject({ exitCode: 0 });
    const failing = await desk.run(['exec', '--', 'false']);
    expect(failing.stderr).toMatch(/^jit: this access was revoked by dba-lead at \d\d:\d\d\n$/);
    expect(failing.exitCode).toBe(1);
    expect(await desk.run(['status'])).toMatchObject({ stdout: 'nothing held, nothing pending\n' });
    // What was claimed in the second of the look may be newer than it, and stays until the next one.
    await expect
      .poll(async () => (await desk.run(['status'])) && [...(await desk.listSecrets()).keys()], {
        timeout: 5_000,
      })
      .toEqual(['session']);
    const { document: history } = await desk.readJson(['history', '--limit', '1']);
    expect(history.grants).toMatchObject([{ ended_because: 'revoked', ended_by: 'dba-lead' }]);
  });

  it('--user takes everything of a person: grants, open requests, and where they are logged in', async () => {
    await desk.run(ask('orders-api'));
    await desk.run(ask('billing-api'));
    const write = ['request', 'prod:db.write', '--for', '15m', '--reason', 'INC-4211 fix the totals'];
    await desk.run([...write, '--no-wait']);
    const unasked = await lead.readJson(['revoke', '--user', 'dev']);
    expect(unasked.document.error).toMatchObject({ code: 'missing_answer', hint: 'add --yes' });
    expect(unasked.exitCode).toBe(2);
    const { exitCode, stdout, stderr } = await lead.run(['revoke', '--user', 'dev', '--yes', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      grants: [{ state: 'ended', held_by: 'dev', revocation: { confirmed: true } }, { state: 'ended' }],
      cancelled: 1,
      sessions_ended: expect.any(Number),
    });
    expect(stderr).toContain('✔ token revoked · orders-api · prod:api.read · dev\n');
    expect(stderr).toContain('✔ 1 open request cancelled\n');
    expect(stderr).toMatch(/✔ dev was logged out \(\d sessions?\) and must log in again\n/);
    expect(exitCode).toBe(0);
    expect(await desk.run(['whoami'])).toMatchObject({ exitCode: 4 });
    expect(await lead.run(['revoke', '--user', 'dev', '--yes'])).toMatchObject({ exitCode: 6 });
  });

  it('--everyone wants the number of grants, and is for whom policy permits it', async () => {
    await colleague.run(ask('orders-api'));
    await lead.run(ask('billing-api'));
    const uncounted = await lead.readJson(['revoke', '--everyone', '--yes']);
    expect(uncounted.document.error).toMatchObject({ code: 'missing_answer', hint: 'add --count 2' });
    const miscounted = await lead.run(['revoke', '--everyone', '--count', '3']);
    expect(miscounted).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('2 live grants') });
    const { document, exitCode } = await lead.readJson(['revoke', '--everyone', '--count', '2']);
    expect(document.grants?.map((grant) => grant.held_by).sort()).toEqual(['dba-lead', 'eva']);
    expect(exitCode).toBe(0);
    expect((await colleague.readJson(['status'])).document.grants).toEqual([]);
  });

  it.each([
    ['gr_1', '--user', 'dev'],
    ['--all', '--everyone'],
    ['--everyone', '--target', 'orders-api'],
  ])('refuses what means two things: %s %s %s', async (...words) => {
    const args = words.filter((word) => word !== undefined);
    expect(await lead.run(['revoke', ...args])).toMatchObject({ exitCode: 2 });
  });
});
