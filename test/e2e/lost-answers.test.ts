import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOST } from '../support/meddler.ts';
import type { Desk } from '../support/programs/desk.ts';
import type { Outcome } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const REASON = ['--for', '30m', '--reason', 'INC-4211 slow checkout'];
const READ = ['request', 'prod:api.read', '--on', 'orders-api', ...REASON];

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

async function tidy(): Promise<void> {
  stage.meddler.relent();
  await desk.run(['done']);
}

describe('an answer that is lost', () => {
  beforeAll(tidy);
  afterEach(tidy);

  it('does not matter once: the request is found again', async () => {
    let isLost = false;
    stage.meddler.meddle(({ path }) => {
      if (path !== '/v1/requests' || isLost) return undefined;
      isLost = true;
      return LOST;
    });
    const { exitCode, document } = await desk.readJson(READ);
    expect(exitCode).toBe(0);
    expect(isLost).toBe(true);
    const { document: status } = await desk.readJson(['status']);
    expect(status.grants?.map((grant) => grant.id)).toEqual([document.grant?.id]);
  });
});

describe('an answer that is lost for good', () => {
  let other: Desk;
  let asking: Outcome;
  let givingBack: Outcome;

  beforeAll(async () => {
    await tidy();
    other = await stage.openDesk({ user: 'eva' });
    await desk.run(READ);
    stage.meddler.meddle(({ path }) => (/^\/v1\/requests$|\/revoke$/.test(path) ? LOST : undefined));
    [asking, givingBack] = await Promise.all([other.run(READ), desk.run(['done'])]);
    stage.meddler.relent();
  });
  afterAll(() => other[Symbol.asyncDispose]());

  it('to jit done is 8; whatever asks next clears the copy here', async () => {
    expect(givingBack).toMatchObject({ exitCode: 8 });
    expect((await desk.listSecrets()).size).toBe(2);
    expect(await desk.run(['status'])).toMatchObject({ stdout: 'nothing held, nothing pending\n' });
    expect([...(await desk.listSecrets()).keys()]).toEqual(['session']);
  });

  it('I2: to jit request is 8, and jit wait delivers the same grant', async () => {
    expect(asking.stderr).toContain('if the request got through, jit wait picks it up');
    expect(asking.exitCode).toBe(8);
    const { document: status } = await other.readJson(['status']);
    expect(await other.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 125 });
    const { document: picked, exitCode } = await other.readJson(['wait']);
    expect(exitCode).toBe(0);
    expect(picked.grant?.id).toBe(status.grants?.[0]?.id);
    expect(await other.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
  });
});

describe('a machine in the middle of it', () => {
  beforeEach(tidy);

  it('killed after the server granted, loses nothing', async () => {
    const passing = stage.meddler.passing(/^\/v1\/requests$/);
    const killed = desk.start(READ);
    stage.meddler.meddle(({ path }) => {
      if (path !== '/v1/requests') return undefined;
      killed.kill('SIGKILL');
      return LOST;
    });
    await passing;
    expect((await killed.ended).exitCode).toBe(137);
    stage.meddler.relent();
    expect(await desk.run(['wait'])).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
  });

  it('whose keychain was emptied gets its credential again', async () => {
    const { document } = await desk.readJson(READ);
    await using second = await stage.openDesk();
    expect(await second.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 125 });
    const { document: picked } = await second.readJson(['wait', document.request?.id ?? '']);
    expect(picked.grant?.id).toBe(document.grant?.id);
    expect(await second.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
  });

  it('whose memory is damaged still has its secrets and asks again', async () => {
    await desk.run(READ);
    await writeFile(join(desk.folder, 'state', 'held.json'), '{"version": 1, "grants": [{');
    expect(await desk.run(['status'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('active'),
    });
    expect(await desk.run(['wait'])).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
  });

  it('whose settings are wrong says in which file and line', async () => {
    await using other = await stage.openDesk();
    await writeFile(
      join(other.folder, 'config', 'config.toml'),
      'default_profile = "default"\nprofiles = 7\n',
    );
    const { exitCode, document } = await other.readJson(['status']);
    expect(document.error).toMatchObject({
      code: 'settings_invalid',
      message: expect.stringMatching(/config\.toml:\d/),
    });
    expect(exitCode).toBe(1);
  });
});
