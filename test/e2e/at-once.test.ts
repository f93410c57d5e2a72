import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildQuery } from '../support/processes/query.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const REASON = ['--reason', 'INC-4211 slow checkout'];
const READ = ['request', 'prod:db.read', '--on', 'orders', '--for', '30m', ...REASON];
const COUNT = ['exec', '--', ...buildQuery('select count(*) from orders')];

const stage: Stage = await startStage({ withDatabase: true });
let desk: Desk;

beforeAll(async () => {
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  await desk.run(['done']);
});

describe.skipIf(!stage.database)('several jit at once on one machine', () => {
  it('I2: that request the same get one grant, and the password that is kept is the one that works', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => desk.readJson(READ)));
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(new Set(answers.map(({ document }) => document.grant?.id)).size).toBe(1);
    expect(await desk.run(COUNT)).toMatchObject({ exitCode: 0, stdout: '400\n' });
    expect((await desk.listSecrets()).size).toBe(2);
  });

  it('I2: that wait for the same request claim it once, and what is kept works', async () => {
    const write = ['request', 'prod:db.write', '--on', 'orders', '--for', '15m', ...REASON, '--no-wait'];
    const id = (await desk.readJson(write)).document.request?.id ?? '';
    await using lead = await stage.openDesk({ user: 'dba-lead' });
    await lead.run(['approve', id, '--yes']);
    const answers = await Promise.all([1, 2, 3].map(() => desk.readJson(['wait', id])));
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(new Set(answers.map(({ document }) => document.grant?.id)).size).toBe(1);
    expect(await desk.run(COUNT)).toMatchObject({ exitCode: 0, stdout: '400\n' });
  });

  it('that request different things hold them all', async () => {
    const others = ['orders-api', 'billing-api'].map((target) => [
      ...['request', 'prod:api.read', '--on', target, '--for', '30m'],
      ...REASON,
    ]);
    await Promise.all([READ, ...others].map((args) => desk.run(args)));
    const { document } = await desk.readJson(['status']);
    expect(document.grants?.map((grant) => grant.target).sort()).toEqual([
      'billing-api',
      'orders',
      'orders-api',
    ]);
    expect((await desk.listSecrets()).size).toBe(4);
  });

  it('that are done all say so, and nothing is left', async () => {
    await desk.run(READ);
    const outcomes = await Promise.all([1, 2, 3].map(() => desk.run(['done'])));
    for (const { exitCode } of outcomes) expect([0, 6]).toContain(exitCode);
    expect(outcomes.some(({ exitCode }) => exitCode === 0)).toBe(true);
    expect([...(await desk.listSecrets()).keys()]).toEqual(['session']);
  });
});
