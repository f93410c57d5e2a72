import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOST } from '../support/meddler.ts';
import type { Desk } from '../support/programs/desk.ts';
import type { RunningJit } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const REASON = ['--reason', 'INC-4211 slow checkout'];
const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', ...REASON];

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function countHeld(desk: Desk): Promise<number | undefined> {
  return (await desk.readJson(['status'])).document.grants?.length;
}

describe('jit exec --for where the grant is held already', () => {
  it.each([['5m'], ['45m']])('leaves it to whoever held it, asked for %s', async (time) => {
    await using desk = await stage.openDesk();
    await desk.run(READ);
    const borrow = [
      'exec',
      '--for',
      time,
      '--scope',
      'prod:api.read',
      '--on',
      'orders-api',
      ...REASON,
      '--',
      'true',
    ];
    expect(await desk.run(borrow)).toMatchObject({ exitCode: 0 });
    expect(await countHeld(desk)).toBe(1);
    await desk.run(['done']);
    expect(await desk.run(borrow)).toMatchObject({ exitCode: 0 });
    expect(await countHeld(desk)).toBe(0);
  });
});

describe('jit exec --for where another command uses the same grant', () => {
  const borrow = ['exec', '--for', '5m', '--scope', 'prod:api.read', '--on', 'orders-api', ...REASON, '--'];
  const running = async (desk: Desk): Promise<RunningJit> => {
    const child = desk.start([...borrow, 'sh', '-c', 'echo running; exec sleep 60']);
    await child.says(/running/);
    return child;
  };
  const end = async (child: RunningJit): Promise<void> => {
    child.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ exitCode: 143 });
  };

  it('leaves it to the last of them on this machine', async () => {
    await using desk = await stage.openDesk();
    const first = await running(desk);
    const second = await running(desk);
    await end(first);
    expect(await countHeld(desk)).toBe(1);
    await end(second);
    expect(await countHeld(desk)).toBe(0);
  });

  it('leaves it to whoever asked for it on another machine', async () => {
    await using laptop = await stage.openDesk();
    await using elsewhere = await stage.openDesk();
    const first = await running(laptop);
    const { exitCode, stderr } = await elsewhere.run([...borrow, 'true']);
    expect(stderr).toContain('it was asked for before, and stays when the command ends');
    expect(exitCode).toBe(0);
    expect(await countHeld(laptop)).toBe(1);
    await end(first);
    expect(await countHeld(laptop)).toBe(0);
  });

  it('leaves it where its holder asked for it meanwhile', async () => {
    await using desk = await stage.openDesk();
    const first = await running(desk);
    await desk.run([...READ.slice(0, 5), '5m', ...REASON]);
    await end(first);
    expect(await countHeld(desk)).toBe(1);
    await desk.run(['done']);
  });
});

describe('jit exec --for that gets signals while it gives back', () => {
  it('gives back all the same, and ends as its command did', async () => {
    await using desk = await stage.openDesk();
    const borrow = ['exec', '--for', '5m', '--scope', 'prod:api.read', '--on', 'orders-api', ...REASON, '--'];
    const child = desk.start([...borrow, 'sh', '-c', 'echo running; exec sleep 60']);
    await child.says(/running/);
    const seen = stage.meddler.passing(/\/revoke/);
    stage.meddler.meddle(({ path }) => (path.includes('/revoke') ? LOST : undefined));
    child.kill('SIGTERM');
    await seen;
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGINT'] as const) child.kill(name);
    await Promise.race([stage.meddler.passing(/\/revoke/), child.ended]);
    stage.meddler.relent();
    const { exitCode, stderr } = await child.ended;
    expect(stderr).not.toContain('may still be live');
    expect(exitCode).toBe(143);
    expect((await desk.listSecrets()).size).toBe(1);
  });
});

describe('jit logout with a session that the server has ended', () => {
  it('forgets what is here and says what stays live', async () => {
    await using desk = await stage.openDesk();
    await desk.run(READ);
    await endSession(desk);
    const { exitCode, document, stderr } = await desk.readJson(['logout']);
    expect(document).toMatchObject({ was_logged_in: true, grants: [], left: [{ target: 'orders-api' }] });
    expect(stderr).toContain('could not be given back');
    expect(exitCode).toBe(7);
    expect((await desk.listSecrets()).size).toBe(0);
  });
});

/** What an administrator would do: the session is over at the server, and the desk does not know. */
async function endSession(desk: Desk): Promise<void> {
  const session = JSON.parse(String((await desk.listSecrets()).get('session')));
  const body = new URLSearchParams({ client_id: 'jit-cli', token: String(session.refresh_token) });
  const { status } = await fetch(`${stage.url}/oauth/revoke`, { method: 'POST', body });
  expect(status).toBe(200);
}
