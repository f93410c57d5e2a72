import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { StoredSession } from '../../src/core/ports/session.ts';
import type { Order, Report, Task } from './client.ts';

/** Two, as there are cores: one process could not keep the server busy. */
const PROCESSES = 2;

/** Does one task in client processes of their own, its sessions shared out among them; their reports, in that order. */
export async function runClients(
  place: { readonly url: string },
  sessions: readonly StoredSession[],
  split: (share: readonly StoredSession[], first: number) => Task,
): Promise<readonly Report[]> {
  const size = Math.ceil(sessions.length / PROCESSES);
  const reports = Array.from({ length: PROCESSES }, async (_, index) => {
    const share = sessions.slice(index * size, (index + 1) * size);
    if (share.length === 0) return [];
    const plain = share.map(({ accessToken, dpopKey }) => ({
      token: accessToken.reveal(),
      key: dpopKey.reveal(),
    }));
    return [await run({ url: place.url, sessions: plain, task: split(share, index * size) })];
  });
  return (await Promise.all(reports)).flat();
}

async function run(order: Order): Promise<Report> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'client.ts'), { execArgv: [] });
  try {
    child.send(order);
    const gone = once(child, 'exit').then(() => {
      throw new Error('a client process gave up');
    });
    const [report] = (await Promise.race([once(child, 'message'), gone])) as [Report];
    gone.catch(() => {});
    return report;
  } finally {
    child.kill();
  }
}
