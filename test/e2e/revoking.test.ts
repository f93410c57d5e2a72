import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/desk.ts';
import { type Stage, startStage } from '../support/stage.ts';

const ask = (target: string): readonly string[] => {
  return ['request', 'prod:api.read', '--on', target, '--for', '30m', '--reason', 'INC-4211 slow checkout'];
};

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
    await using lead = await stage.openDesk({ user: 'dba-lead' });
    await using colleague = await stage.openDesk({ user: 'eva' });
    const { document } = await desk.readJson(ask('orders-api'));
    const id = document.grant?.id ?? '';
    const refused = await colleague.run(['revoke', id]);
    expect(refused.stderr).toContain(`there is no grant ${id}`);
    expect(refused.exitCode).toBe(1);
    expect(await lead.run(['revoke', id])).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['status'])).toMatchObject({ stdout: 'nothing held, nothing pending\n' });
    expect([...(await desk.listSecrets()).keys()]).toEqual(['session']);
    const { document: history } = await desk.readJson(['history', '--limit', '1']);
    expect(history.grants).toMatchObject([{ ended_because: 'revoked' }]);
  });
});
