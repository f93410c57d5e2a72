import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTool } from '../support/tools.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', '--reason', 'INC-4211 slow'];

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

const hasFaketime = hasTool(['faketime', '-f', '+1h', 'true'], 'faketime (Debian: faketime)');

function buildOff(offset: string) {
  return {
    through: ['faketime', '-m', '-f', offset],
    environment: { FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' },
  };
}

describe.skipIf(!hasFaketime).each(['+12h', '-12h'])('a clock that was set wrong by %s', (offset) => {
  const off = buildOff(offset);

  it('S10: ends nothing early and keeps nothing: what is held goes on, and goes away', async () => {
    expect(await desk.run(READ)).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'], off)).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['status'], off)).toMatchObject({
      stdout: expect.stringMatching(/active.*30 min|29 min/),
    });
    expect(await desk.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['done'], off)).toMatchObject({ exitCode: 0 });
    expect(await desk.run(READ, off)).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
  });
});

describe.skipIf(!hasFaketime).each(['+12h', '-12h'])(
  'a machine whose clock is off by %s from the start',
  (offset) => {
    const off = buildOff(offset);

    const forgetTime = () => rm(join(desk.folder, 'state', 'clock.json'), { force: true });
    beforeEach(forgetTime);

    it('is told so before it holds anything, and gets the grant once the clock is right', async () => {
      const { exitCode, document } = await desk.readJson(READ, off);
      expect(document.error).toMatchObject({
        code: 'clock_wrong',
        message: expect.stringMatching(/differs from the server's by (11 h 59 min|12 h)/),
        hint: expect.stringContaining('set the clock'),
      });
      expect(exitCode).toBe(1);
      expect([...(await desk.listSecrets()).keys()]).toEqual(['session']);
      expect(await desk.run(['wait'])).toMatchObject({ exitCode: 0 });
      expect(await desk.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
    });

    it('names what was granted and could not be kept, and gives it back where a command asked for itself alone', async () => {
      const { stderr } = await desk.run(READ, off);
      expect(stderr).toMatch(
        /! gr_\w+ is live and could not be kept here: jit wait req_\w+ delivers it again, /,
      );
      expect(stderr).not.toContain('if the request got through');
      expect(await desk.run(['wait'])).toMatchObject({ exitCode: 0 });
      await desk.run(['done']);
      await forgetTime();
      const words = ['exec', '--scope', ...READ.slice(1)];
      const borrowed = await desk.run([...words, '--', 'true'], off);
      expect(borrowed).toMatchObject({
        exitCode: 125,
        stderr: expect.stringContaining('and was given back'),
      });
      expect((await desk.readJson(['status'])).document.grants).toEqual([]);
    });

    it('can look, and give back what it holds', async () => {
      await desk.run(READ);
      expect(await desk.run(['status'], off)).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('active'),
      });
      expect(await desk.run(['done'], off)).toMatchObject({ exitCode: 0 });
      expect((await desk.readJson(['status'])).document.grants).toEqual([]);
    });

    it('hears of it from jit doctor', async () => {
      const { stdout, exitCode } = await desk.run(['doctor'], off);
      expect(stdout).toMatch(/✖ clock {9}this machine's clock differs from the server's by/);
      expect(exitCode).toBe(1);
    });
  },
);
