import { expect, it } from 'vitest';
import type { StoreChange } from '../../../src/core/ports/store.ts';
import { createSharedLooks } from '../../../src/server/live/shared-looks.ts';

/** Reads that end when they are told to, each with how many were begun by then. */
function openLooks() {
  const listeners = new Set<(change: StoreChange) => void>();
  const reads: { readonly id: string; readonly end: () => void; readonly fail: () => void }[] = [];
  const looks = createSharedLooks(
    {
      changes: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    (id) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const text = `${id} ${reads.length + 1}`;
      reads.push({ id, end: () => resolve(text), fail: () => reject(new Error(text)) });
      return promise;
    },
  );
  const change = (requestId: string | null, grantId: string | null = null): void => {
    for (const listener of listeners) listener({ requestId, grantId });
  };
  return { ...looks, reads, change, listeners };
}

it('those who look at one thing at the same time share what one of them sees', async () => {
  const { look, reads } = openLooks();
  const all = [look('req_1'), look('req_1'), look('req_2'), look('req_1')];
  for (const { end } of reads) end();
  expect(await Promise.all(all)).toEqual(['req_1 1', 'req_1 1', 'req_2 2', 'req_1 1']);
  const later = look('req_1');
  reads.at(-1)?.end();
  expect(await later).toBe('req_1 3');
});

it('who comes after a change never gets what was seen before it', async () => {
  const { look, reads, change } = openLooks();
  const before = look('req_1');
  change('req_1');
  const after = [look('req_1'), look('req_1')];
  reads[0]?.end();
  expect(await before).toBe('req_1 1');
  const joined = look('req_1');
  reads[1]?.end();
  expect(await Promise.all([...after, joined])).toEqual(['req_1 2', 'req_1 2', 'req_1 2']);
  const grant = look('gr_1');
  change(null, 'gr_1');
  void look('gr_1');
  expect(reads.map(({ id }) => id)).toEqual(['req_1', 'req_1', 'gr_1', 'gr_1']);
  reads[2]?.end();
  expect(await grant).toBe('gr_1 3');
});

it('a look that fails is told to those who shared it, and to nobody after', async () => {
  const { look, reads } = openLooks();
  const both = [look('req_1'), look('req_1')];
  reads[0]?.fail();
  for (const outcome of await Promise.allSettled(both)) expect(outcome.status).toBe('rejected');
  const again = look('req_1');
  reads[1]?.end();
  expect(await again).toBe('req_1 2');
});

it('everybody looks alone once changes are not heard of any more', () => {
  const { look, reads, close, listeners } = openLooks();
  close();
  void look('req_1');
  void look('req_1');
  expect(reads).toHaveLength(2);
  expect(listeners.size).toBe(0);
});
