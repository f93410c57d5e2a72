import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { buildSubmission } from '../support/crash/scene.ts';
import { logIn, type Someone } from '../support/programs/jit-server.ts';
import { type OperatedJit, startOperatedJit } from '../support/programs/operated-jit.ts';
import { JIT, startJit } from '../support/programs/running-jit.ts';
import { hasTmux, openTmux } from '../support/terminal/tmux.ts';
import { until } from '../support/until.ts';

function describeScope(name: string, target: string): string {
  return `{ "${name}": { description: Read, sensitivity: low, default: 30m, max: 8h, targets: [${target}] } }`;
}

let jit: OperatedJit;

afterEach(() => jit[Symbol.asyncDispose]());

const enter = (): Promise<Someone> => logIn(jit.url, { user: 'dev', pin: jit.pin });

async function listNames(dev: Someone): Promise<readonly string[]> {
  return (await dev.backend.listScopes()).map(({ name }) => name);
}

const askForAccess = (dev: Someone) =>
  dev.backend.submit(
    buildSubmission({ scopes: ['prod:api.read'], target: 'orders-api', durationSeconds: 600 }),
  );

describe('SIGHUP', () => {
  it('INP-03: with a bad file says file, line and key, and everything goes on as it was', async () => {
    jit = await startOperatedJit();
    const dev = await enter();
    await jit.write({ pending_ttl: 'soon', policies: './elsewhere' });
    jit.process.kill('SIGHUP');
    const [said] = await jit.process.says(/jit\.yaml:\d+ pending_ttl: must be a duration.*/);
    expect(said).toMatch(/^jit\.yaml:\d+ /);
    await jit.process.says(/what was read before stays in force/);
    await jit.write({ listen: '127.0.0.1:1' });
    jit.process.kill('SIGHUP');
    await jit.process.says(/jit\.yaml:2 listen: cannot change while the server runs: restart it/);
    await jit.write({ policies: './elsewhere' });
    jit.process.kill('SIGHUP');
    await jit.process.says(/elsewhere/);
    expect(await listNames(dev)).toEqual(['prod:api.read']);
    expect((await askForAccess(dev)).claimed).not.toBeNull();
  });

  it('with a good one goes over to it while requests are answered: none fails, and whoever is logged in stays so', async () => {
    jit = await startOperatedJit();
    const dev = await enter();
    const seen: string[] = [];
    let isOver = false;
    const askOn = async (): Promise<void> => {
      while (!isOver) seen.push(...(await listNames(dev)));
    };
    const asking = [askOn(), askOn(), askOn(), askOn()];
    for (let round = 0; round < 5; round += 1) {
      const target = `logs-${round}`;
      await jit.write({
        targets: `{ ${target}: { kind: token, audience: "https://logs.example.com" } }`,
        scopes: describeScope(`prod:l${round}.read`, target),
        resource_servers: '{}',
      });
      jit.process.kill('SIGHUP');
      await until(`scope ${round}`, async () => seen.includes(`prod:l${round}.read`));
    }
    isOver = true;
    await Promise.all(asking);
    expect((await jit.stop()).stdout).not.toMatch(/"status":(4|5)\d\d/);
  });

  it('is refused while a grant lives at a target that is gone', async () => {
    jit = await startOperatedJit();
    const dev = await enter();
    const { claimed } = await askForAccess(dev);
    const logs = { kind: 'token', audience: 'https://logs.example.com' };
    const change = {
      targets: JSON.stringify({ logs }),
      scopes: describeScope('prod:logs.read', 'logs'),
      resource_servers: '{}',
    };
    await jit.write(change);
    jit.process.kill('SIGHUP');
    await jit.process.says(/jit\.yaml:\d+ targets: 1 grant is live at "orders-api": end them first/);
    await dev.backend.revoke(claimed?.grant.id ?? '', 'done');
    jit.process.kill('SIGHUP');
    await jit.process.says(/read .*jit\.yaml again/);
    expect(await listNames(dev)).toEqual(['prod:logs.read']);
  });
});

/** A request of which the server has the head and half of the body. */
function beginRequest(): { readonly sent: ClientRequest; readonly answered: Promise<IncomingMessage> } {
  const sent = request(`${jit.url}/oauth/introspect`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '9' },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  sent.write('toke');
  return { sent, answered };
}

const readReadiness = async (): Promise<unknown> =>
  fetch(`${jit.url}/readyz`).then(
    (response) => response.json(),
    () => 'nobody listens',
  );

describe('SIGTERM', () => {
  it('says first that it drains, while it still answers; then ends what waits, lets requests finish, and is gone within 10 s', async () => {
    jit = await startOperatedJit({ drain: '3s' });
    const dev = await enter();
    const { request: pending } = await askForAccess(dev);
    const following = dev.backend.follow(pending.id, { state: 'claimed', given: 0, told: 0 });
    const begun = beginRequest();
    const startedAtMs = performance.now();
    const stopped = jit.stop();
    await until('draining', async () => {
      const answer = await readReadiness();
      return JSON.stringify(answer) === '{"ready":false,"failing":["draining"]}';
    });
    const late = await fetch(`${jit.url}/v1/me`);
    expect([late.status, late.headers.get('connection')]).toEqual([401, 'close']);
    expect((await following).state).toBe('claimed');
    await until('closed', async () => (await readReadiness()) === 'nobody listens');
    begun.sent.end('n=abc');
    expect((await begun.answered).statusCode).toBe(401);
    expect((await stopped).exitCode).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  });

  it('ends at once when it comes a second time', async () => {
    jit = await startOperatedJit({ drain: '5s' });
    beginRequest().answered.catch(() => undefined);
    const stopped = jit.stop();
    await jit.process.says(/stopping/);
    const startedAtMs = performance.now();
    jit.process.kill('SIGTERM');
    expect((await stopped).exitCode).toBe(143);
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
  });
});

/** A pipe that is full, which somebody has open and does not read. */
function fillPipe(path: string): { readonly close: () => void } {
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(pipe, Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
  return { close: () => closeSync(pipe) };
}

describe('a log that nobody reads', () => {
  it('holds up no stop: the thread that waits to write it is left behind with the process', async () => {
    jit = await startOperatedJit();
    await jit.stop();
    const path = join(jit.folder, 'stdout');
    const pipe = fillPipe(path);
    const again = startJit({
      args: ['server', '--config', join(jit.folder, 'jit.yaml')],
      environment: { PATH: process.env.PATH ?? '', HOME: jit.folder, NO_COLOR: '1' },
      through: ['sh', '-c', `exec "$@" > ${path}`, 'sh'],
    });
    try {
      await again.says(/log in/);
      const startedAtMs = performance.now();
      again.kill('SIGTERM');
      const late = new Promise((resolve) => setTimeout(resolve, 10_000, 'it waits').unref());
      expect(await Promise.race([again.ended, late])).toMatchObject({ exitCode: 0 });
      expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    } finally {
      again.kill('SIGKILL');
      pipe.close();
    }
  });
});

describe.skipIf(!hasTmux())('a terminal that is closed', () => {
  it('ends the server that was started in it, which would otherwise read its configuration again for nobody', async () => {
    jit = await startOperatedJit();
    await jit.stop();
    const pidFile = join(jit.folder, 'pid');
    const command = `echo $$ > ${pidFile}; exec ${process.execPath} ${JIT} server --config ${jit.folder}/jit.yaml`;
    const terminal = await openTmux();
    try {
      await terminal.run(`sh -c '${command}'`);
      await terminal.see('log in');
    } finally {
      await terminal[Symbol.asyncDispose]();
    }
    const pid = Number(await readFile(pidFile, 'utf8'));
    try {
      await until('gone', async () => !isAlive(pid));
    } finally {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
