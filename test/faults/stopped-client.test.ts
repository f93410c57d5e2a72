import { afterAll, beforeAll, expect, it } from 'vitest';
import { listProcesses } from '../support/programs/canary.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { until } from '../support/until.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--reason', 'INC-4211 slow checkout'];
/** Known to nobody else on this machine. */
const NAP = '61.4211';

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

async function isNapping(): Promise<boolean> {
  return (await listProcesses()).some(({ commandLine }) => commandLine.trim() === `sleep ${NAP}`);
}

it('I1, I3, I6, S10: jit exec that was stopped past the end of its grant ends its child as soon as it goes on', async () => {
  expect(await desk.run([...READ, '--for', '4s'])).toMatchObject({ exitCode: 0 });
  const exec = desk.start(['exec', '--', 'sh', '-c', `echo ready; exec sleep ${NAP}`]);
  await exec.says(/ready/);
  exec.kill('SIGSTOP');
  const watching = await stage.openDesk();
  await until(
    'over',
    async () => (await watching.readJson(['status'])).document.grants?.length === 0,
    20_000,
  );
  expect(await isNapping()).toBe(true);
  const goesOnMs = performance.now();
  exec.kill('SIGCONT');
  expect((await exec.ended).exitCode).toBe(143);
  expect(performance.now() - goesOnMs).toBeLessThan(8_000);
  expect(await isNapping()).toBe(false);
  await watching[Symbol.asyncDispose]();
});
