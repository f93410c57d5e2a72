import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from './programs/stage.ts';
import { projectRoot } from './sources/imports.ts';
import { until } from './until.ts';

const NOBODY = 65_534;
export const NGINX = '/usr/sbin/nginx';

export type Nginx = AsyncDisposable & { readonly url: string; readonly readLog: () => Promise<string> };

export type NginxOptions = {
  /** The jit server, on loopback and without TLS. */
  readonly jit: string;
  readonly secret: string;
  /** The service behind. */
  readonly service: string;
  /** More locations in the server block. */
  readonly more?: string;
};

/** Its files by name; `site.conf` is what it includes. */
type Files = Readonly<Record<string, string>>;

/** A real nginx with the recipe of `examples/nginx`, its addresses put for those of the test. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const port = await findFreePort();
  return runNginx(await writeRecipe({ ...options, port }), port);
}

/** A real nginx in front of jit, as `deploy/nginx.conf` says, on this port and without TLS. */
export async function startNginxInFront(jit: string, port: number): Promise<Nginx> {
  const text = await readFile(join(projectRoot, 'deploy/nginx.conf'), 'utf8');
  const site = replace(text, [
    ['server 127.0.0.1:7420;', `server ${new URL(jit).host};`],
    ['listen 443 ssl;', `listen 127.0.0.1:${port};`],
    ['  ssl_certificate /etc/ssl/jit.example.com.pem;\n', ''],
    ['  ssl_certificate_key /etc/ssl/private/jit.example.com.key;\n', ''],
  ]);
  return runNginx({ 'site.conf': site }, port);
}

async function runNginx(files: Files, port: number): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-nginx-'));
  for (const [name, text] of Object.entries({ ...files, 'nginx.conf': MAIN }))
    await writeFile(join(folder, name), text, { mode: 0o644 });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(folder, NOBODY, NOBODY);
  const child = spawn(NGINX, ['-p', folder, '-e', 'error.log', '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const complaints: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until(`nginx listening: ${complaints.join('')}`, () => isListening(url, child, complaints));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    readLog: () => readFile(join(folder, 'error.log'), 'utf8'),
    [Symbol.asyncDispose]: stop,
  };
}

async function isListening(
  url: string,
  child: ChildProcess,
  complaints: readonly string[],
): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`nginx left: ${complaints.join('')}`);
  const response = await fetch(`${url}/nothing-here`).catch(() => undefined);
  await response?.arrayBuffer();
  return response !== undefined;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

async function writeRecipe({
  jit,
  secret,
  service,
  more = '',
  port,
}: NginxOptions & { readonly port: number }): Promise<Files> {
  const { host } = new URL(jit);
  const read = (name: string) => readFile(join(projectRoot, 'examples/nginx', name), 'utf8');
  const site = replace(await read('orders.conf'), [
    ['server jit.example.com:443;', `server ${host};`],
    ['listen 443 ssl;', `listen 127.0.0.1:${port};`],
    ['  ssl_certificate /etc/ssl/orders-api.pem;\n', ''],
    ['  ssl_certificate_key /etc/ssl/private/orders-api.key;\n', ''],
    ['http://127.0.0.1:8080;', `${service};`],
    ['  location /orders {', `${more}\n  location /orders {`],
  ]);
  const check = replace(await read('jit-check.conf'), [
    ['https://jit_server/', 'http://jit_server/'],
    ['Host jit.example.com;', `Host ${host};`],
  ]);
  const credentials = Buffer.from(`orders-api:${encodeURIComponent(secret)}`).toString('base64');
  const own = replace(await read('jit-secret.conf'), [['b3JkZXJzLWFwaTpjaGFuZ2UgbWU=', credentials]]);
  return { 'jit-check.conf': check, 'jit-secret.conf': own, 'site.conf': site };
}

/** What is not there any more in the example is a mistake of the test's, not passed over. */
function replace(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((current, [from, to]) => {
    if (!current.includes(from)) throw new Error(`the example does not say "${from}"`);
    return current.replace(from, to);
  }, text);
}

/** All that nginx writes stays in its own folder. */
const MAIN = `daemon off;
pid nginx.pid;
error_log error.log info;
worker_processes 1;
events { worker_connections 128; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include site.conf;
}
`;
