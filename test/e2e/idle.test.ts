import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { until } from '../support/until.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({
    more: {
      scopes:
        '  prod:idle.read: { description: Ends unused, sensitivity: low, default: 30m, max: 1h, idle: 4s, targets: [orders-api] }',
      targets: '',
    },
    policies: {
      'all.cedar': '@id("all") permit (principal, action == Action::"activate", resource);',
    },
  });
});
afterAll(() => stage[Symbol.asyncDispose]());

const ASKED = ['--on', 'orders-api', '--for', '10m', '--reason', 'INC-4211 slow'];

it('a grant that is used by nobody ends, one that a command uses does not, and its holder hears of it', async () => {
  await using desk = await stage.openDesk();
  const plan = await desk.run(['request', 'prod:idle.read', ...ASKED, '--dry-run']);
  expect(plan.stderr).toContain('ends after 4 s without use');
  const borrow = ['exec', '--keep', '--scope', 'prod:idle.read', ...ASKED, '--', 'sleep', '6'];
  expect(await desk.run(borrow)).toMatchObject({ exitCode: 0 });
  let told = '';
  await until(
    'the grant has ended',
    async () => {
      const answer = await desk.readJson(['status']);
      // Said once: by the first that sees its end begin, which may be before it is proved.
      told += answer.stderr;
      return answer.document.grants?.length === 0;
    },
    15_000,
  );
  expect(told).toMatch(/prod:idle\.read on orders-api \(gr_\w+\) has ended: nobody used it for 4 s/);
  const [grant] = (await desk.readJson(['history'])).document.grants ?? [];
  expect(grant).toMatchObject({ ended_because: 'idle', idle_seconds: 4 });
  expect(Date.parse(grant?.ended_at ?? '') - Date.parse(grant?.claimed_at ?? '')).toBeGreaterThan(8_000);
});

it('the server hears that a grant is used while its command runs, also one that may be idle', async () => {
  await using desk = await stage.openDesk();
  await desk.run(['request', 'prod:api.read', ...ASKED]);
  const child = desk.start(['exec', '--', 'sh', '-c', 'echo ready; exec sleep 60']);
  await child.says(/ready/);
  await until('the use is on record', async () => {
    const [grant] = (await desk.readJson(['history'])).document.grants ?? [];
    return grant?.idle_seconds === undefined && typeof grant?.last_used_at === 'string';
  });
  child.kill('SIGTERM');
  await child.ended;
});
