import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, type RunningJit, startJit } from './running-jit.ts';
import { findFreePort } from './stage.ts';

/** The real program with a configuration that the test writes anew while it runs. */
export type OperatedJit = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly pin: string;
  readonly folder: string;
  readonly process: RunningJit;
  /** Writes jit.yaml; what is given stands instead of what is there under the same key. */
  write(changes?: Readonly<Record<string, string>>): Promise<void>;
  /** Asks it to stop, and resolves with all that it said. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
};

export const SERVICE_PASSWORD = 'the-password-of-orders-api-thirty-two-bytes';
const EVERYBODY = '@id("everybody")\npermit (principal, action, resource);\n';

export async function startOperatedJit(
  changes: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<OperatedJit> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-operated-'));
  const [port, metricsPort] = [await findFreePort(), await findFreePort()];
  const path = join(folder, 'jit.yaml');
  const settings: Readonly<Record<string, string>> = {
    url: `http://127.0.0.1:${port}`,
    listen: `127.0.0.1:${port}`,
    store: 'sqlite:./jit.db',
    identity: '{ dev: { users: [{ name: dev, groups: [engineers] }] } }',
    policies: './policies',
    metrics: `{ listen: "127.0.0.1:${metricsPort}" }`,
    resource_servers: `{ orders-api: { secret: ${SERVICE_PASSWORD}, targets: [orders-api] } }`,
    scopes:
      '{ "prod:api.read": { description: Read, sensitivity: low, default: 30m, max: 8h, targets: [orders-api] } }',
    targets: '{ orders-api: { kind: token, audience: "https://orders-api.example.com" } }',
    ...changes,
  };
  const write = (more: Readonly<Record<string, string>> = {}): Promise<void> => {
    const lines = Object.entries({ ...settings, ...more }).map(([key, value]) => `${key}: ${value}\n`);
    return writeFile(path, lines.join(''), { mode: 0o600 });
  };
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies', 'everybody.cedar'), EVERYBODY);
  await write();
  const running = startJit({
    args: ['server', '--config', path],
    environment: { PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1', ...environment },
  });
  const [, pin = ''] = await running.says(/PIN (\S+)/);
  // Said after the PIN: from here on it has said all that it says at its start.
  await running.says(/log in/);
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<Outcome> => {
    running.kill(signal);
    return running.ended;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    metricsPort,
    pin,
    folder,
    process: running,
    write,
    stop,
    [Symbol.asyncDispose]: async () => {
      running.kill('SIGKILL');
      await running.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
