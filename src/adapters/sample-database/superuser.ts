import { Client } from 'pg';

export type SocketAddress = { readonly socketFolder: string; readonly port: number };

/** Does the server answer its superuser yet? */
export async function canConnect(address: SocketAddress): Promise<boolean> {
  return runAsSuperuser(address, { database: 'postgres', statements: ['SELECT 1'] }).then(
    () => true,
    () => false,
  );
}

/** Runs statements one after another over the socket. */
export async function runAsSuperuser(
  address: SocketAddress,
  work: { readonly database: string; readonly statements: readonly string[] },
): Promise<void> {
  const client = new Client({
    host: address.socketFolder,
    port: address.port,
    user: 'postgres',
    database: work.database,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    for (const statement of work.statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
