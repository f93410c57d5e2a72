import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { type Stage, startStage } from '../support/stage.ts';

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
    expect(await desk.run(['status'])).toMatchObject({ stdout: 'nothing held, nothing pending\n' });
    // What was claimed in the second of the look may be newer than it, and stays until the next one.
    await expect
      .poll(async () => (await desk.run(['status'])) && [...(await desk.listSecrets()).keys()], {
        timeout: 5_000,
      })
      .toEqual(['session']);
    const { document: history } = await desk.readJson(['history', '--limit', '1']);
    expect(history.grants).toMatchObject([{ ended_because: 'revoked' }]);
  });
});
