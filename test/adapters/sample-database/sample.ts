import { Client, type ClientConfig } from 'pg';
import {
  type SampleDatabase,
  type SampleDatabaseOptions,
  startSampleDatabase,
} from '../../../src/adapters/sample-database/start.ts';

/** A sample database that does not wait for the disk. */
export async function openSample(options: SampleDatabaseOptions): Promise<SampleDatabase> {
  const database = await startSampleDatabase({ settings: { fsync: 'off' }, ...options });
  if (!database) throw new Error('no PostgreSQL');
  return database;
}

/** One statement on a connection of its own. */
export async function query(config: ClientConfig | string, sql: string) {
  const client = new Client(config);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
