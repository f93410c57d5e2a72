import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/programs/running-jit.ts';
import { findFreePort } from '../support/programs/stage.ts';
import { hasTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const DEPLOY = join(ROOT, 'deploy');
/** Whoever this is, it owns nothing here. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const run = promisify(execFile);
const readDeployed = (name: string): string => readFileSync(join(DEPLOY, name), 'utf8');

let folder: string;
let server: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-deploy-'));
  chmodSync(folder, 0o755);
});

afterAll(async () => {
  if (server?.exitCode === null) {
    const ended = new Promise((resolve) => server?.once('close', resolve));
    server.kill('SIGKILL');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

/** A Node that nobody may run, wherever the project's own lies. */
function copyNode(): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  cpSync(process.execPath, join(bin, 'node'));
  chmodSync(join(bin, 'node'), 0o755);
  return bin;
}

async function install(bin: string): Promise<string> {
  const environment = {
    PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: process.env.HOME ?? folder,
    npm_config_prefer_offline: 'true',
  };
  const options = { cwd: ROOT, env: environment };
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], options);
  const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const tarball = join(folder, `jit-${version}.tgz`);
  const destination = join(folder, 'opt');
  const lock = join(ROOT, 'package-lock.json');
  const { stdout } = await run('sh', [join(DEPLOY, 'install.sh'), tarball, lock, destination], options);
  expect(stdout.trim().split('\n').at(-1)).toBe(version);
  return destination;
}

function configure(port: number): string {
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o700 });
  const config = join(home, 'jit.yaml');
  const example = readFileSync(join(ROOT, 'examples/jit.yaml'), 'utf8');
  writeFileSync(config, example.replaceAll('127.0.0.1:7420', `127.0.0.1:${port}`), { mode: 0o600 });
  if (isRoot) for (const path of [home, config]) chownSync(path, NOBODY, NOBODY);
  return config;
}

describe('what is packed and installed by the steps of the container file', () => {
  it('starts as somebody who owns nothing, is ready, and stops when it is asked to', async () => {
    const bin = copyNode();
    const destination = await install(bin);
    const port = await findFreePort();
    const config = configure(port);
    server = spawn(join(bin, 'node'), [join(destination, 'bin/jit.js'), 'server', '--config', config], {
      cwd: join(folder, 'home'),
      env: {
        PATH: bin,
        HOME: join(folder, 'home'),
        JIT_SECRET: 'a secret of this server, of thirty-two bytes or more',
        ORDERS_ADMIN_URL: 'postgres://jit_admin:none@127.0.0.1:9/orders',
        ORDERS_API_SECRET: 'a secret of the orders service, long enough',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    let said = '';
    server.stderr?.on('data', (text) => (said += String(text)));
    const ended = new Promise((resolve) => server?.once('close', resolve));
    void ended.then(() => (said += ' (ended)'));
    const ask = () => fetch(`http://127.0.0.1:${port}/readyz`).then((response) => response.json());
    const look = async () => ask().catch(() => (said.endsWith('(ended)') ? said : undefined));
    const readiness = await until('ready', look, 30_000);
    expect(readiness).toEqual({ ready: true, failing: [] });
    server.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 120_000);
});

describe('the container file', () => {
  const lines = readDeployed('Containerfile').split('\n');

  it('installs by the script that is tried here, and by nothing else', () => {
    const steps = lines.filter((line) => line.startsWith('RUN '));
    expect(steps[0]).toBe('RUN sh install.sh jit.tgz package-lock.json /opt/jit');
    expect(steps.filter((step) => /npm|curl|apt/.test(step))).toEqual([]);
  });

  it('runs as a number that is not root, and with the signal that stops gracefully', () => {
    expect(lines.findLast((line) => line.startsWith('USER '))).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
    expect(lines).toContain('STOPSIGNAL SIGTERM');
  });
});

describe.skipIf(!hasTool(['systemd-analyze', '--version'], 'systemd-analyze'))('the systemd unit', () => {
  const analyze = (args: readonly string[]): string =>
    execFileSync('systemd-analyze', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  it('is understood as it is written', async () => {
    const unit = join(folder, 'jit.service');
    writeFileSync(unit, readDeployed('jit.service').replace('/usr/bin/node', process.execPath));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', unit]);
    expect(stdout + stderr).toBe('');
  });

  it('leaves the server little that it could do', () => {
    const said = analyze(['security', '--offline=true', '--no-pager', join(DEPLOY, 'jit.service')]);
    const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1];
    expect(Number(exposure)).toBeLessThan(2);
  });
});
