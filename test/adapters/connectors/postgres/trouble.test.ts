import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openPostgresConnector } from '../../../../src/adapters/connectors/postgres/open.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { logIn, realClock } from '../../../support/databases/postgres.ts';
import { createShelf } from '../../../support/keyrings/secret-shelf.ts';
import { describeEachServer, SCOPES } from './fixture.ts';

const peers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of peers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Accepts, and does with the connection what the test says. */
async function openPeer(answer: (socket: Socket) => void = () => {}) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on('error', () => {})
      .on('close', () => sockets.delete(socket))
      .resume();
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  peers.push({ server, sockets });
  return { port: (server.address() as AddressInfo).port, sockets, server };
}

function openAt(port: number) {
  return openPostgresConnector({
    name: 'orders',
    url: new Secret(`postgres://jit_admin:geheim@127.0.0.1:${port}/orders`),
    memberOf: { 'prod:db.write': ['orders_writer'] },
    installation: 'abcd1234',
    clock: realClock,
    ...createShelf(),
    poolSize: 1,
  });
}

const failed = { code: 'target_failed', message: expect.stringContaining('orders') };

describe('a target that is not there', () => {
  it('S5: a closed port is target_failed at once, for every call', async () => {
    const { port, server } = await openPeer();
    server.close();
    await once(server, 'close');
    const connector = openAt(port);
    const handle = connector.plan('gr_01');
    const deadlineAt = Date.now() + 10_000;
    const order = { handle, scopes: SCOPES, expiresAt: deadlineAt, deadlineAt };
    await expect(connector.issue(order)).rejects.toMatchObject(failed);
    await expect(connector.extend(order)).rejects.toMatchObject(failed);
    await expect(connector.remove(handle, { scopes: SCOPES, deadlineAt })).rejects.toMatchObject(failed);
    await expect(connector.list(deadlineAt)).rejects.toMatchObject(failed);
    await expect(connector.activity(handle, deadlineAt)).rejects.toMatchObject(failed);
    await connector.close();
  });

  it('S5: one that accepts and never answers costs each caller its deadline and no more', async () => {
    const { port } = await openPeer();
    const connector = openAt(port);
    const began = performance.now();
    const calls = Array.from({ length: 5 }, () => connector.list(Date.now() + 300));
    for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason: failed });
    expect(performance.now() - began).toBeLessThan(1500);
    await connector.close();
  });

  it('I6: closing leaves no socket, not even one that never got an answer', async () => {
    const { port, sockets } = await openPeer();
    const connector = openAt(port);
    await connector.list(Date.now() + 200).catch(() => {});
    expect(sockets.size).toBe(1);
    await connector.close();
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('one that talks nonsense is target_failed', async () => {
    for (const nonsense of ['HTTP/1.1 400 Bad Request\r\n\r\n', '\0'.repeat(64), 'R\0\0\0\x04']) {
      const { port } = await openPeer((socket) => socket.end(nonsense));
      const connector = openAt(port);
      await expect(connector.list(Date.now() + 1000)).rejects.toMatchObject(failed);
      await connector.close();
    }
  });
});

await describeEachServer({ name: 'a target in trouble' }, (server, open) => {
  it('a connection that the server drops while idle is replaced, and is no unhandled error', async () => {
    const { connector } = open();
    await connector.list(Date.now() + 10_000);
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'jit_admin'`;
    expect(await server.sql(kill)).toHaveLength(1);
    await expect.poll(() => connector.list(Date.now() + 10_000).catch(() => undefined)).toEqual([]);
  });

  it('S5: a connection that breaks in the middle of a removal is target_failed; the next try succeeds', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await server.sql('GRANT CREATE ON SCHEMA public TO orders_writer');
    await session.sql('CREATE TABLE held ()');
    await server.sql("BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE; PREPARE TRANSACTION 'hold'");
    const removal = expect(fixture.remove()).rejects.toMatchObject({ code: 'target_failed' });
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE usename = 'jit_admin' AND wait_event_type = 'Lock'`;
    await expect.poll(() => server.sql(kill)).toHaveLength(1);
    await removal;
    await server.sql("ROLLBACK PREPARED 'hold'");
    await fixture.remove();
    expect(await fixture.connector.list(Date.now() + 10_000)).toEqual([]);
  });

  it('I6: closing leaves no session of the administrator', async () => {
    const { connector } = open();
    await Promise.all(Array.from({ length: 6 }, () => connector.list(Date.now() + 10_000)));
    await connector.close();
    const sql = "SELECT pid FROM pg_stat_activity WHERE usename = 'jit_admin'";
    await expect.poll(() => server.sql(sql)).toEqual([]);
  });

  it('a wrong password of the administrator is target_failed, and is not in the message', async () => {
    const url = new URL(server.adminUrl.reveal());
    url.password = 'geheim';
    const { connector } = open({ url: new Secret(url.href) });
    const error = await connector.list(Date.now() + 10_000).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(/authentication failed/),
    });
    expect(String(error)).not.toContain('geheim');
  });
});
