import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../../src/adapters/store/migrations/migrations.ts';
import { findEndedGrant, listGrants } from '../../../../src/adapters/store/queries/grant-queries.ts';
import { isWithin } from '../../../../src/adapters/store/queries/partial.ts';
import { listRequests } from '../../../../src/adapters/store/queries/request-queries.ts';
import type { Database, Tables } from '../../../../src/adapters/store/schema.ts';
import { createSqliteDialect } from '../../../../src/adapters/store/sqlite/dialect.ts';
import { SQLITE } from '../../../../src/adapters/store/sqlite/engine.ts';

/** How SQLite would go about each query that the action makes. */
async function explain(action: (db: Database) => Promise<unknown>): Promise<string> {
  const file = new DatabaseSync(':memory:');
  const queries: { readonly sql: string; readonly parameters: readonly unknown[] }[] = [];
  const db: Database = new Kysely<Tables>({
    dialect: createSqliteDialect(file).dialect,
    log: ({ query }) => void queries.push(query),
  });
  await migrate(db, { engine: SQLITE, at: 'memory', now: null });
  queries.length = 0;
  await action(db);
  const plans = queries.flatMap(({ sql, parameters }) =>
    file.prepare(`explain query plan ${sql}`).all(...(parameters as readonly string[])),
  );
  await db.destroy();
  return plans.map(({ detail }) => String(detail)).join('\n');
}

describe('what somebody has open', () => {
  it.each([['pending'], ['pending', 'approved']] as const)(
    'is found without a look at all that they ever asked for: %s',
    async (...states) => {
      const plan = await explain((db) =>
        listRequests(db, { requestedBy: 'sub-dev', target: 'orders', states, limit: 9 }),
      );
      expect(plan).toContain('INDEX requests_open_by_person');
    },
  );

  it.each([['active'], ['provisioning', 'active']] as const)(
    'is found without a look at all that they ever held: %s',
    async (...states) => {
      const plan = await explain((db) =>
        listGrants(db, { heldBy: 'sub-dev', target: 'orders', states, limit: 9 }),
      );
      expect(plan).toContain('INDEX grants_in_use_by_holder');
    },
  );

  it('is asked for where no other state is wanted', () => {
    expect(isWithin(['a', 'b'], ['b'])).toBe(true);
    expect(isWithin(['a', 'b'], ['b', 'c'])).toBe(false);
    expect(isWithin(['a', 'b'], undefined)).toBe(false);
  });
});

it('the grant that a credential was made for is found without a look at all that have ended', async () => {
  const plan = await explain((db) => findEndedGrant(db, { target: 'orders', handle: 'role_1' }));
  expect(plan).toMatch(/^SEARCH grants USING INDEX grants_ended_by_handle \(target=\? AND handle=\?\)$/m);
  expect(plan).not.toContain('SCAN');
});
