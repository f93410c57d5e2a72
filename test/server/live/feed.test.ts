import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MOST_REPLAYED_CHANGES } from '../../../src/core/limits.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { createFeed, type Feed } from '../../../src/server/live/feed.ts';
import { openTestBroker, type TestBroker } from '../../support/broker.ts';

let broker: TestBroker;
let feed: Feed;
let reads: { changes: number; subjects: number };
let trouble: Error | undefined;
let slowly: Promise<void> | undefined;
/** What happens between the moment that is read and the answer. */
let meanwhile: (() => Promise<void>) | undefined;
let isSilent: boolean;

beforeEach(async () => {
  broker = await openTestBroker();
  reads = { changes: 0, subjects: 0 };
  trouble = undefined;
  slowly = undefined;
  meanwhile = undefined;
  isSilent = false;
  const counted: Store = {
    ...broker.store,
    changes: (tell) => broker.store.changes((change) => (isSilent ? undefined : tell(change))),
    listChanges: async (filter) => {
      reads.changes += 1;
      if (trouble) throw trouble;
      await slowly;
      const found = await broker.store.listChanges(filter);
      await meanwhile?.();
      return found;
    },
    readRequest: async (id) => {
      reads.subjects += 1;
      if (trouble) throw trouble;
      return broker.store.readRequest(id);
    },
  };
  feed = createFeed(counted, broker.clock);
});

afterEach(async () => {
  meanwhile = undefined;
  feed.close();
  await broker.store.close();
});

async function note(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await broker.store.commit({
      event: {
        id: broker.ids.newEventId(),
        kind: 'session.started',
        at: broker.clock.now(),
        actor: 'dev:dev',
        requestId: null,
        grantId: null,
        detail: {},
      },
    });
  }
}

describe('the feed', () => {
  it('reads the store once for all who follow, however many they are', async () => {
    const start = await feed.findPosition();
    const woken = Array.from({ length: 500 }, () => Promise.withResolvers<void>());
    for (const { resolve } of woken) feed.listen(resolve);
    const request = await broker.ask();
    await Promise.all(woken.map(({ promise }) => promise));
    const seen = await Promise.all(
      woken.map(async () => {
        const [entry] = (await feed.readAfter(start)) ?? [];
        return (await entry?.readSubject())?.request?.id;
      }),
    );
    expect(new Set(seen)).toEqual(new Set([request.id]));
    expect(reads).toEqual({ changes: 1, subjects: 1 });
  });

  it('reads nothing while nobody follows, nor afterwards what happened until then', async () => {
    const start = await feed.findPosition();
    await note(MOST_REPLAYED_CHANGES);
    expect(reads.changes).toBe(0);
    expect(await feed.readAfter(start)).toHaveLength(MOST_REPLAYED_CHANGES);
    await note(1);
    expect(await feed.readAfter(start)).toBeUndefined();
    expect(reads.changes).toBe(2);
  });

  it('reads once for all who look at the same moment', async () => {
    const start = await feed.findPosition();
    const gate = Promise.withResolvers<void>();
    slowly = gate.promise;
    feed.listen(() => {});
    await broker.ask();
    const looks = [1, 2, 3].map(() => feed.readAfter(start));
    gate.resolve();
    for (const entries of await Promise.all(looks)) expect(entries).toHaveLength(1);
    expect(reads.changes).toBe(1);
  });

  it('misses nothing between one reader’s look and the next, whatever happens meanwhile', async () => {
    feed.listen(() => {});
    let position = await feed.findPosition();
    const seen: number[] = [];
    const writing = note(300);
    while (seen.length < 300) {
      const entries = (await feed.readAfter(position)) ?? expect.fail('the feed lost its place');
      seen.push(...entries.map(({ change }) => change.position));
      position = entries.at(-1)?.change.position ?? position;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    expect(seen).toEqual(seen.map((_, index) => (seen[0] ?? 0) + index));
  });

  it('tells those who look when the store fails, and goes on once it is back', async () => {
    const start = await feed.findPosition();
    trouble = new Error('the disk is gone');
    const woken = Promise.withResolvers<void>();
    feed.listen(woken.resolve);
    await broker.ask();
    await woken.promise;
    await expect(feed.readAfter(start)).rejects.toThrow('the disk is gone');
    trouble = undefined;
    expect(await feed.readAfter(start)).toHaveLength(1);
  });

  it('tells nobody from memory after a read that failed, though nothing is known to have happened', async () => {
    feed.listen(() => {});
    const start = await feed.findPosition();
    await feed.look();
    await broker.clock.advance(2_000);
    trouble = new Error('the disk is gone');
    await expect(feed.look()).rejects.toThrow('the disk is gone');
    await expect(feed.readAfter(start)).rejects.toThrow('the disk is gone');
    trouble = undefined;
    expect(await feed.readAfter(start)).toEqual([]);
  });

  it('answers and wakes though something is committed during every read, without a moment’s rest', async () => {
    const start = await feed.findPosition();
    const woken = Promise.withResolvers<void>();
    feed.listen(woken.resolve);
    meanwhile = () => note(1);
    await note(1);
    await woken.promise;
    await feed.look();
    const entries = await feed.readAfter(start);
    expect(entries?.[0]?.change.position).toBe(start + 1);
    expect(await feed.findPosition()).toBeGreaterThan(start);
  });

  it('tells of what was committed before one looked, not what a read found that had begun before that', async () => {
    const start = await feed.findPosition();
    feed.listen(() => {});
    const looked = Promise.withResolvers<readonly unknown[] | undefined>();
    meanwhile = async () => {
      meanwhile = undefined;
      await note(1);
      looked.resolve(feed.readAfter(start));
    };
    await note(1);
    expect(await looked.promise).toHaveLength(2);
  });

  it('goes on reading where a page was full, and answers at the end', async () => {
    feed.listen(() => {});
    await feed.findPosition();
    isSilent = true;
    await note(1_100);
    isSilent = false;
    await note(1);
    const before = reads.changes;
    expect(await feed.findPosition()).toBe(await broker.store.findPosition());
    expect(reads.changes - before).toBeLessThanOrEqual(3);
  });

  it('wakes who listens when another one’s look found what nobody told of', async () => {
    const start = await feed.findPosition();
    const woken = Promise.withResolvers<void>();
    feed.listen(woken.resolve);
    isSilent = true;
    await note(1);
    await broker.clock.advance(2_000);
    await feed.look();
    await woken.promise;
    expect(await feed.readAfter(start)).toHaveLength(1);
  });

  it('reads again what a change is about where that failed once', async () => {
    const start = await feed.findPosition();
    feed.listen(() => {});
    const request = await broker.ask();
    const [entry] = (await feed.readAfter(start)) ?? [];
    trouble = new Error('the disk is gone');
    await expect(entry?.readSubject()).rejects.toThrow('the disk is gone');
    trouble = undefined;
    const [again] = (await feed.readAfter(start)) ?? [];
    expect((await again?.readSubject())?.request?.id).toBe(request.id);
    await entry?.readSubject();
    expect(reads.subjects).toBe(2);
  });

  it('wakes everybody when it closes, and nobody afterwards', async () => {
    let count = 0;
    feed.listen(() => (count += 1));
    feed.close();
    expect(count).toBe(1);
    expect(feed.closing.aborted).toBe(true);
    await broker.ask();
    expect(count).toBe(1);
  });
});
