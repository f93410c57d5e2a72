import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startJit } from '../../test/support/programs/running-jit.ts';
import { findFreePort } from '../../test/support/programs/stage.ts';

/** A real `jit server` on loopback. */
export type BenchServer = {
  readonly url: string;
  /** Of its development users, `dev` and `eva`. */
  readonly pin: string;
  stop(): Promise<void>;
};

/** Starts one whose only scope, `prod:api.read` on `orders-api`, is granted at once. */
export async function startBenchServer(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<BenchServer> {
  const port = await findFreePort();
  const config = join(folder, 'jit.yaml');
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies', 'reads.cedar'), POLICY);
  await writeFile(config, describeConfig(port), { mode: 0o600 });
  const server = startJit({ args: ['server', '--config', config], environment });
  const [, pin = ''] = await server.says(/PIN (\S+)/);
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await server.ended;
  };
  return { url: `http://127.0.0.1:${port}`, pin, stop };
}

const POLICY = `@id("reads-are-automatic")
permit (principal in Group::"engineers", action == Action::"activate", resource == Scope::"prod:api.read");
`;

function describeConfig(port: number): string {
  return `url: http://127.0.0.1:${port}
listen: 127.0.0.1:${port}
timezone: Europe/Rome
store: sqlite:./jit.db
identity: { dev: { users: [{ name: dev, groups: [engineers] }, { name: eva, groups: [engineers] }] } }
policies: ./policies
scopes:
  prod:api.read: { description: Read, sensitivity: low, default: 30m, max: 8h, targets: [orders-api] }
targets:
  orders-api: { kind: token, audience: "https://orders-api.example.com" }
`;
}
