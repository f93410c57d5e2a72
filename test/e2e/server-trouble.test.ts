import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Desk } from '../support/programs/desk.ts';
import { type Outcome, startJit } from '../support/programs/running-jit.ts';
import { findFreePort, type Stage, startStage } from '../support/programs/stage.ts';

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

describe('a server that is down', () => {
  const commands: Readonly<Record<string, readonly string[]>> = {
    whoami: ['whoami'],
    scopes: ['scopes'],
    history: ['history'],
    request: READ,
    extend: ['extend', '--for', '1h'],
    wait: ['wait', 'req_0000'],
    cancel: ['cancel', 'req_0000'],
    done: ['done'],
    logout: ['logout'],
  };
  let answers: Readonly<Record<string, Answer>>;
  let status: Outcome;

  // All at once: each tries for 10 s before it gives up.
  beforeAll(async () => {
    await desk.run(READ);
    await stage.stopServer('SIGKILL');
    const asking = Object.entries(commands).map(async ([name, args]) => [name, await desk.readJson(args)]);
    [answers, status] = await Promise.all([
      Promise.all(asking).then((entries) => Object.fromEntries(entries)),
      desk.run(['status']),
    ]);
  });
  afterAll(() => stage.startServer());

  it.each(Object.keys(commands))('is 8 for jit %s, which says the address', (name) => {
    expect(answers[name]?.document.error).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(stage.url),
      hint: expect.stringContaining('jit doctor'),
    });
    expect(answers[name]?.exitCode).toBe(8);
  });

  it('takes nothing away: what is held can be used, and is shown as of then', async () => {
    expect(status.stdout).toMatch(/^active +orders-api .*\nas of \d\d:\d\d: the server was not reached\n$/m);
    expect(status.exitCode).toBe(0);
    expect(await desk.run(['exec', '--', 'sh', '-c', 'echo ${#JIT_TOKEN}'])).toMatchObject({ exitCode: 0 });
    expect((await desk.listSecrets()).size).toBe(2);
  });
});

describe('a login where no server is', () => {
  it('is 8 and stores nothing', async () => {
    const address = `http://127.0.0.1:${await findFreePort()}`;
    await using fresh = await stage.openDesk({ user: null });
    const { exitCode, document } = await fresh.readJson(['login', address]);
    expect(document.error).toMatchObject({ code: 'unreachable', message: expect.stringContaining(address) });
    expect(exitCode).toBe(8);
    expect((await fresh.listSecrets()).size).toBe(0);
  });

  it('is 4 where no server is known at all, and says how to name one', async () => {
    await using fresh = await stage.openDesk({ user: null, environment: { JIT_SERVER: '' } });
    const { exitCode, document } = await fresh.readJson(['status']);
    expect(document.error).toMatchObject({ code: 'no_server', hint: expect.stringContaining('jit login') });
    expect(exitCode).toBe(4);
  });
});

describe('a server that answers nonsense', () => {
  beforeAll(tidy);
  afterAll(tidy);

  it.each([
    ['a page', '<!doctype html><title>Welcome to nginx!</title>'],
    ['half a document', '{"request": {"id": "req_'],
    ['another shape', '{"request": 7, "claimed": "yes"}'],
    ['nothing', ''],
    ['an inherited name', '{"__proto__": {"request": {}}, "claimed": null}'],
  ])('is 1 and nothing is stored: %s', async (_what, body) => {
    stage.meddler.meddle(({ path }) => (path === '/v1/requests' ? body : undefined));
    const { exitCode, document } = await desk.readJson(READ);
    expect(document.error).toMatchObject({
      code: 'bad_answer',
      message: expect.stringContaining(stage.url),
      hint: expect.stringContaining('nothing was stored'),
    });
    expect(exitCode).toBe(1);
    expect([...(await desk.listSecrets()).keys()]).toEqual(['session']);
  });
});

describe('the reader of the output', () => {
  it('may go away after the first line', async () => {
    await desk.run(READ);
    const { environment, passphrase } = desk;
    const script = 'set -o pipefail; "$@" | head -1';
    const outcome = await startJit({
      args: ['scopes'],
      environment,
      passphrase,
      through: ['bash', '-c', script, 'bash'],
    }).ended;
    expect(outcome.stdout).toMatch(/^SCOPE .*\n$/);
    expect(outcome.stderr).toBe('');
  });
});
