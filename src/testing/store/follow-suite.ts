import assert from 'node:assert/strict';
import type { SuiteRunner } from '../suite.ts';
import { advance, buildEvent, storeGrant, storeRequest } from './rows.ts';
import { type OpenSubject, onStore } from './subject.ts';

/** Whoever follows along misses nothing, and is told nothing twice. */
export function storeFollowSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'changes are listed after a position, in the order in which they were written',
    onStore(open, async (store) => {
      assert.equal(await store.findPosition(), 0);
      assert.deepEqual(await store.listChanges({ after: 0, limit: 9 }), []);
      const grant = await storeGrant(store);
      const position = await store.findPosition();
      const late = buildEvent('grant.revoking', { requestId: grant.requestId, grantId: grant.id, at: 9 });
      const early = buildEvent('person.left', { at: 1 });
      for (const event of [late, early]) await store.commit({ event });
      const [first, second, ...more] = await store.listChanges({ after: position, limit: 9 });
      assert.ok(first && second);
      assert.deepEqual(more, []);
      const { kind, at, requestId, grantId } = late;
      assert.deepEqual(first, { position: first.position, kind, at, requestId, grantId });
      assert.deepEqual([second.kind, second.at, second.requestId], ['person.left', 1, null]);
      assert.ok(position < first.position && first.position < second.position);
      assert.equal(await store.findPosition(), second.position);
      assert.deepEqual(await store.listChanges({ after: position, limit: 1 }), [first]);
      assert.deepEqual(await store.listChanges({ after: second.position, limit: 9 }), []);
      assert.equal((await store.listChanges({ after: 0, limit: 9 })).length, 4);
    }),
  );

  test(
    'a reader who follows while others write is told of each once, and of nothing that was lost',
    onStore(open, async (store) => {
      const before = await storeRequest(store);
      const told: string[] = [];
      let position = await store.findPosition();
      const follow = async () => {
        const changes = await store.listChanges({ after: position, limit: 5 });
        told.push(...changes.map((change) => change.kind));
        position = changes.at(-1)?.position ?? position;
      };
      const after = advance(before, { state: 'cancelled' as const });
      const lose = () => store.commit({ request: { before, after }, event: buildEvent('request.cancelled') });
      const log = () => store.commit({ event: buildEvent('session.started') });
      let isWritten = false;
      const writes = [...Array.from({ length: 20 }, lose), ...Array.from({ length: 40 }, log)];
      const written = Promise.all<unknown>(writes).finally(() => {
        isWritten = true;
      });
      while (!isWritten) {
        await follow();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await written;
      for (let round = 0; round < 10; round += 1) await follow();
      assert.deepEqual(told.toSorted(), ['request.cancelled', ...Array(40).fill('session.started')]);
    }),
  );
}
