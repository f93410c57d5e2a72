import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { giveOrder } from '../../../src/adapters/control/ask.ts';
import { listenForOrders } from '../../../src/adapters/control/listen.ts';
import { fail } from '../../../src/core/errors.ts';
import { decodeOrder } from '../../../src/core/wire/control.ts';

const LIST = { do: 'list_keys', uses: ['signing'] } as const;
const NOBODY = 65_534;

let folder: string;
let path: string;
let errors: unknown[];
let close: () => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-control-'));
  path = join(folder, 'jit.db.control');
  await writeFile(join(folder, 'jit.db'), '');
  errors = [];
  close = async () => {};
});

afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

async function listen(answer: (message: unknown) => Promise<unknown>): Promise<void> {
  close = await listenForOrders({ path, answer, onError: (error) => errors.push(error) });
}

const order = () => giveOrder({ path, store: join(folder, 'jit.db') }, LIST);

/** What comes back for a body that no command sends. */
function post(body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, method: 'POST' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('orders to a server on the same machine', () => {
  it('are carried out by it, and what comes of them comes back', async () => {
    const heard: unknown[] = [];
    await listen(async (message) => {
      heard.push(decodeOrder(message));
      return [{ id: 'k1' }];
    });
    expect(await order()).toEqual([{ id: 'k1' }]);
    expect(heard).toEqual([LIST]);
  });

  it('fail as the server says, and tell nothing of a mistake in it but to its log', async () => {
    const thrown = [fail('in_quarantine', { takenAt: 'noon' }), new TypeError('secret detail')];
    await listen(async () => Promise.reject(thrown.shift()));
    await expect(order()).rejects.toMatchObject({ code: 'in_quarantine' });
    const told = await order().catch((error: Error) => error.message);
    expect(told).not.toContain('secret detail');
    expect(errors).toMatchObject([{ message: 'secret detail' }]);
  });

  it('reach nobody where nobody listens, nor where the socket is what a killed server left', async () => {
    expect(await order()).toBeUndefined();
    await writeFile(path, '');
    expect(await order()).toBeUndefined();
    await listen(async () => []);
    expect(await order()).toEqual([]);
    await close();
    expect(await order()).toBeUndefined();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('are for this user alone to give', async () => {
    await listen(async () => []);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('are not given to a socket of another user than the store’s', async () => {
    await listen(async () => []);
    const store = process.getuid?.() === 0 ? join(folder, 'jit.db') : '/etc/passwd';
    if (store !== '/etc/passwd') await chown(store, NOBODY, NOBODY);
    expect(await giveOrder({ path, store }, LIST)).toBeUndefined();
  });

  it.each(['', '{', '{"do":"stop"}', '{"do":"reconcile"}', `{"do":"${'x'.repeat(20_000)}"}`])(
    'INP-01: are refused where they are none: %.20s',
    async (body) => {
      await listen(async (message) => decodeOrder(message));
      expect(await post(body)).toBeGreaterThanOrEqual(400);
      expect(await order()).toEqual(LIST);
    },
  );
});
