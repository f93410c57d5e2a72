import { expect, it } from 'vitest';
import { createChanges } from '../../../src/adapters/store/changes.ts';
import { IN_MEMORY, openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';

const CHANGE = { requestId: 'req_1', grantId: null };

it('tells of what a listener threw, and goes on with the others', () => {
  const errors: unknown[] = [];
  const heard: string[] = [];
  const changes = createChanges((error) => errors.push(error));
  const trouble = new Error('no such request');
  changes.listen(() => {
    throw trouble;
  });
  changes.listen(({ requestId }) => heard.push(String(requestId)));
  changes.emit(CHANGE, null);
  expect([heard, errors]).toEqual([['req_1'], [trouble]]);
});

it('a commit stands whatever a listener does, and the server is told', async () => {
  const errors: unknown[] = [];
  const { store } = await openSqliteStore({ path: IN_MEMORY, onError: (error) => errors.push(error) });
  const trouble = new Error('no such request');
  store.changes(() => {
    throw trouble;
  });
  const event = { id: 'ev_1', kind: 'session.started', at: 0, actor: 'dev:dev' } as const;
  const about = { requestId: null, grantId: null, detail: {} };
  expect(await store.commit({ event: { ...event, ...about } })).toBe('committed');
  expect(errors).toEqual([trouble]);
  await store.close();
});
