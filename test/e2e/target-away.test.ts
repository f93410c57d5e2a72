import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const READ = [
  'request',
  'prod:db.read',
  '--on',
  'orders',
  '--for',
  '30m',
  '--reason',
  'INC-4211 slow checkout',
];

let stage: Stage;
let desk: Desk;
beforeAll(async () => {
  stage = await startStage({ withDatabase: 'away', claimWindow: '4s' });
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

describe('a target that nobody reaches', () => {
  it('is 1 and says which; the approval holds, and lapses when its window closes (3)', async () => {
    const { exitCode, document } = await desk.readJson(READ);
    expect(document.error).toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(/^orders refused or was not reached: /),
      hint: expect.stringContaining('jit wait'),
    });
    expect(exitCode).toBe(1);
    const { document: status } = await desk.readJson(['status']);
    expect(status.requests).toMatchObject([{ state: 'approved' }]);
    const id = status.requests?.[0]?.id ?? '';

    await expect
      .poll(async () => (await desk.readJson(['wait', id])).document.error?.code, { timeout: 15_000 })
      .toBe('lapsed');
    const { exitCode: after, stderr } = await desk.run(['wait', id]);
    expect(stderr).toContain('it was approved but not claimed by');
    expect(after).toBe(3);
    expect([...(await desk.listSecrets()).keys()]).toEqual(['session']);
  });

  it('keeps nobody from another target', async () => {
    const other = [
      'request',
      'prod:api.read',
      '--on',
      'orders-api',
      '--for',
      '30m',
      '--reason',
      'INC-4211 slow',
    ];
    const { document } = await desk.readJson(other);
    expect(await desk.run(['done', document.grant?.id ?? ''])).toMatchObject({ exitCode: 0 });
  });

  it('is never called clean: what may be left there is shown, and giving it back is 7', async () => {
    const { stdout } = await desk.run(['status']);
    expect(stdout).toMatch(
      /^revoking +orders +prod:db\.read +token dead, target not confirmed after \d+ (try|tries): /m,
    );
    const { exitCode, stderr } = await desk.run(['done']);
    expect(stderr).toContain('✔ token revoked … role not dropped yet · orders · prod:db.read');
    expect(stderr).toContain('revocation is not confirmed yet');
    expect(exitCode).toBe(7);
  });
});
