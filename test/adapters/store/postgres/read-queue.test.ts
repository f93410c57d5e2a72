import { describe, expect, it } from 'vitest';
import { type Read, ReadQueue, type RowsAnswer } from '../../../../src/adapters/store/postgres/read-queue.ts';

const GOOD = { error: null, failure: 'own' } as const;

/** A database that answers each read with its own name, up to the first whose name begins with `bad`. */
function answer(reads: readonly Read[], outcome: Partial<RowsAnswer> = {}): RowsAnswer {
  const bad = reads.findIndex(({ sql }) => sql.startsWith('bad'));
  const done = bad === -1 ? reads : reads.slice(0, bad);
  const results = done.map(({ sql }) => [{ sql }]);
  return { results, ...GOOD, ...(bad === -1 ? {} : { error: new Error('bad'), ...outcome }) };
}

function open(outcome: Partial<RowsAnswer> = {}) {
  const sent: (readonly string[])[] = [];
  const queue = new ReadQueue(async (reads) => {
    sent.push(reads.map(({ sql }) => sql));
    return answer(reads, outcome);
  });
  const read = (sql: string) => queue.read({ sql, parameters: [] });
  return { sent, read, readAll: (...all: readonly string[]) => Promise.allSettled(all.map(read)) };
}

describe('reads that come at the same moment', () => {
  it('go together, and each is answered for itself', async () => {
    const { sent, readAll } = open();
    const answers = await readAll('a', 'b', 'c', 'd', 'e', 'f');
    expect(answers).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((sql) => ({ status: 'fulfilled', value: [{ sql }] })),
    );
    expect(sent.length).toBeLessThan(4);
  });

  it('take none of the others with them where one fails', async () => {
    const { readAll } = open();
    const outcomes = (await readAll('a', 'bad', 'c', 'd')).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  it('all fail where the connection broke under them, and the next ones do not', async () => {
    const { read, readAll } = open({ failure: 'link' });
    const outcomes = (await readAll('a', 'bad', 'c')).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await read('d')).toEqual([{ sql: 'd' }]);
  });

  it('take none of the others with them where one takes too long', async () => {
    const { sent, readAll } = open({ failure: 'late' });
    const outcomes = (await readAll('a', 'bad', 'c', 'd')).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(sent.at(-1)).toEqual(['c', 'd']);
  });

  it('fail with the third that takes too long before them: nobody waits for all of a database that is too slow', async () => {
    const { sent, readAll } = open({ failure: 'late' });
    const outcomes = await readAll('bad 1', 'bad 2', 'c', 'bad 3', 'd', 'bad 4', 'e');
    expect(outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(sent).toHaveLength(3);
  });

  it('all fail where there is no connection to be had, and the next ones are tried again', async () => {
    let isAway = true;
    const queue = new ReadQueue(async (reads) => {
      if (isAway) throw new Error('away');
      return answer(reads);
    });
    await expect(queue.read({ sql: 'a', parameters: [] })).rejects.toThrow('away');
    isAway = false;
    expect(await queue.read({ sql: 'a', parameters: [] })).toEqual([{ sql: 'a' }]);
  });

  it('are sent again, the one with a stale plan too', async () => {
    const sent: (readonly string[])[] = [];
    const queue = new ReadQueue(async (reads) => {
      sent.push(reads.map(({ sql }) => sql));
      return sent.length === 1 ? { results: [], error: new Error('stale'), failure: 'stale' } : answer(reads);
    });
    const reads = ['a', 'b'].map((sql) => queue.read({ sql, parameters: [] }));
    expect(await Promise.all(reads)).toEqual([[{ sql: 'a' }], [{ sql: 'b' }]]);
  });

  it('are no more than so many in one message', async () => {
    const { sent, readAll } = open();
    await readAll(...Array.from({ length: 200 }, (_, index) => `read ${index}`));
    expect(sent.flat()).toHaveLength(200);
    expect(Math.max(...sent.map((names) => names.length))).toBeLessThanOrEqual(24);
  });
});
