import { PostgresDialect, type PostgresPoolClient } from 'kysely';
import type { Connection, Connections } from './connections.ts';

/** kysely over these connections. Statements are prepared once for each text and connection. */
export function createPostgresDialect(connections: Connections): PostgresDialect {
  return new PostgresDialect({
    pool: {
      options: {},
      connect: async () => adaptConnection(await connections.connect()),
      // Whoever opened them closes them: kysely would cut off those that are still waiting for one.
      end: async () => {},
    },
  });
}

function adaptConnection(connection: Connection): PostgresPoolClient {
  return {
    query: ((text: string, values: readonly unknown[] = []) =>
      connection.query(text, values)) as unknown as PostgresPoolClient['query'],
    release: (isUnwanted) => connection.release(isUnwanted),
  };
}
