import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenForOrders } from '../../../src/adapters/control/listen.ts';
import type { Probe } from '../ground.ts';
import { hearServer } from './connections.ts';

/** Limits on orders to a server on the same machine. */
export const orderProbes = {
  LONGEST_ORDER_BYTES: (size) =>
    withOrders(async (socketPath) => (await order(socketPath, `"${'x'.repeat(size - 2)}"`)) === 200),
  ORDER_ARRIVAL_MS: (size) =>
    withOrders(async (socketPath) => {
      const { requestTimeout } = await hearServer(() => order(socketPath, '{}'));
      return requestTimeout >= size;
    }),
} satisfies Readonly<Record<string, Probe>>;

async function withOrders<T>(use: (socketPath: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-orders-'));
  const path = join(folder, 'control');
  const close = await listenForOrders({ path, answer: async () => ({}), onError: () => {} });
  try {
    return await use(path);
  } finally {
    await close();
    await rm(folder, { recursive: true });
  }
}

function order(socketPath: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
