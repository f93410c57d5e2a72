import type { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createAccess } from '../../../../src/adapters/store/postgres/access.ts';
import { Connections } from '../../../../src/adapters/store/postgres/connections.ts';
import type { Database } from '../../../../src/adapters/store/schema.ts';

/** One that takes what it is sent and never answers, as where the network is gone; each question ends by its time-out. */
function openSilent() {
  const asked: string[] = [];
  const released: unknown[] = [];
  const client = {
    query: (query: { readonly text: string } | { readonly callback: (error: unknown) => void }) => {
      const late = new Error('Query read timeout');
      asked.push('text' in query ? query.text : 'many statements');
      if ('text' in query) return Promise.reject(late);
      query.callback(late);
      return undefined;
    },
    release: (isUnwanted: unknown) => released.push(isUnwanted),
  };
  const connections = new Connections({ connect: async () => client } as unknown as Pool);
  return { asked, released, connections };
}

it('a transition whose connection gave no answer waits for that once, and not for its undoing too', async () => {
  const { asked, released, connections } = openSilent();
  const access = createAccess({} as Database, connections);
  const query = { sql: 'update grants', parameters: [] };
  await expect(access.writeSteps([{ query } as never])).rejects.toMatchObject({ code: 'store_unreachable' });
  expect([asked, released]).toEqual([['many statements'], [true]]);
});

it('a transaction whose connection gave no answer is not asked for its undoing either', async () => {
  const { asked, released, connections } = openSilent();
  const connection = await connections.connect();
  for (const text of ['begin', 'rollback'])
    await expect(connection.query(text, [])).rejects.toMatchObject({ code: 'store_unreachable' });
  connection.release();
  expect([asked, released]).toEqual([['begin'], [true]]);
});
