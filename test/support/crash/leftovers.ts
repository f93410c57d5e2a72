import { readdir } from 'node:fs/promises';
import type { TestServer } from '../databases/postgres.ts';
import { listProcesses } from '../programs/canary.ts';

const PATIENCE_MS = 20_000;
const POLL_MS = 50;

/** A server has it that had time to fill it. */
export const RESERVE = 'jit.db.reserve';

/** I6: files in the folder of a run that were not in the one that it was copied from, as sentences. */
export async function findNewFiles(folder: string, base: string): Promise<readonly string[]> {
  const known = new Set([...(await readdir(base, { recursive: true })), RESERVE]);
  const found = await readdir(folder, { recursive: true });
  return found.filter((file) => !known.has(file)).map((file) => `I6: ${file} is left`);
}

export type Leftovers = {
  /** Where nothing may be any more. */
  readonly empty: readonly string[];
  /** On the command line of every process of theirs. */
  readonly program: string;
  readonly servers: readonly TestServer[];
};

/** I6: files, processes and connections that are there when all is over, as sentences. */
export async function findLeftovers({ empty, program, servers }: Leftovers): Promise<readonly string[]> {
  const files = (await Promise.all(empty.map((folder) => readdir(folder)))).flat();
  const processes = (await listProcesses()).filter(({ commandLine }) => commandLine.includes(program));
  const connections = await Promise.all(servers.map(findConnections));
  return [
    ...files.map((file) => `I6: ${file} is left`),
    ...processes.map(({ pid, commandLine }) => `I6: ${pid} still runs: ${commandLine}`),
    ...connections.flat(),
  ];
}

/** A connection whose other side was killed is noticed by the server in its own time. */
async function findConnections({ sql }: TestServer): Promise<readonly string[]> {
  const startedAt = performance.now();
  for (;;) {
    const open = await sql(
      `SELECT pid, usename, application_name, state FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND usename <> 'postgres'`,
      'postgres',
    );
    if (open.length === 0) return [];
    if (performance.now() - startedAt > PATIENCE_MS)
      return open.map((row) => `I6: a connection is open: ${JSON.stringify(row)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
