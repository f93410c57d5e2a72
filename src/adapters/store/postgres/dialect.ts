import { PostgresDialect, type PostgresPoolClient } from 'kysely';
import type { Connection, Connections } from './connections.ts';

/** kysely over these connections. Statements are prepared once for each text and connection. */
export function createPostgresDialect(connections: Connections): PostgresDialect {
  return new PostgresDialect({
    pool: {
      options: {},
      connect: async () => borrow(connections),
      // Whoever opened them closes them: kysely would cut off those that are still waiting for one.
      end: async () => {},
    },
  });
}

/** A connection is taken with the first statement that needs one for itself: reads outside of transactions share some. */
function borrow(connections: Connections): PostgresPoolClient {
  let own: Promise<Connection> | undefined;
  const query = async (text: string, values: readonly unknown[] = []): Promise<unknown> => {
    if (!own && text.startsWith('select ')) {
      const rows = await connections.read({ sql: text, parameters: values });
      return { command: 'SELECT', rowCount: rows.length, rows };
    }
    own ??= connections.connect();
    return (await own).query(text, values);
  };
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: (isUnwanted) =>
      void own?.then(
        (connection) => connection.release(isUnwanted),
        () => {},
      ),
  };
}
