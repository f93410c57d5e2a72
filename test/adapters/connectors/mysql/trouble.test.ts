import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openMysqlConnector } from '../../../../src/adapters/connectors/mysql/open.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { realClock } from '../../../support/databases/postgres.ts';
import { describeMariaDb, SCOPES } from './fixture.ts';

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

function openAt(port: number, query = '') {
  return openMysqlConnector({
    name: 'orders',
    url: new Secret(`mysql://jit_admin:geheim@127.0.0.1:${port}/orders${query}`),
    memberOf: { 'prod:db.write': ['orders_writer'] },
    installation: 'abcd1234',
    clock: realClock,
  });
}

const failed = { code: 'target_failed', message: expect.stringContaining('orders') };

describe('a MySQL that is not there', () => {
  it('S5: a closed port is target_failed at once, for every call', async () => {
    const { port, server } = await openPeer();
    server.close();
    await once(server, 'close');
    const connector = openAt(port);
    const handle = connector.plan('gr_01');
    const began = performance.now();
    const deadlineAt = Date.now() + 10_000;
    const order = { handle, scopes: SCOPES, expiresAt: deadlineAt, deadlineAt };
    await expect(connector.issue(order)).rejects.toMatchObject(failed);
    await expect(connector.extend(order)).rejects.toMatchObject(failed);
    await expect(connector.remove(handle, { scopes: SCOPES, deadlineAt })).rejects.toMatchObject(failed);
    await expect(connector.list(deadlineAt)).rejects.toMatchObject(failed);
    await expect(connector.activity(handle, deadlineAt)).rejects.toMatchObject(failed);
    expect(performance.now() - began).toBeLessThan(5000);
    await connector.close();
  });

  it('S5: one that accepts and never answers costs each caller its deadline and no more', async () => {
    const { port, sockets } = await openPeer();
    const connector = openAt(port);
    const began = performance.now();
    const calls = Array.from({ length: 9 }, () => connector.list(Date.now() + 300));
    for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason: failed });
    expect(performance.now() - began).toBeLessThan(1500);
    await expect.poll(() => sockets.size).toBe(0);
    await connector.close();
  });

  it('I6: closing cuts what is still waiting', async () => {
    const { port, sockets } = await openPeer();
    const connector = openAt(port);
    const waiting = connector.list(Date.now() + 5000).catch((error: unknown) => error);
    await expect.poll(() => sockets.size).toBe(1);
    await connector.close();
    await expect.poll(() => sockets.size).toBe(0);
    expect(await waiting).toMatchObject(failed);
  });

  it.each([
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    '\0'.repeat(64),
    '\x4a\0\0\0\x0a5.5.5\0',
    '\x05\0\0\0\xff\x15\x04no',
    `\x01\0\0\0\x0a`,
    '\xff'.repeat(200),
  ])('one that talks nonsense is target_failed, and ends no process: %j', async (nonsense) => {
    const { port } = await openPeer((socket) => socket.end(Buffer.from(nonsense, 'latin1')));
    const connector = openAt(port);
    await expect(connector.list(Date.now() + 1000)).rejects.toMatchObject(failed);
    await connector.close();
  });
});

await describeMariaDb({ name: 'a MariaDB in trouble', withTls: true }, (server, open) => {
  const at = (options: { readonly host: string; readonly query: string }) => {
    const url = new URL(server.adminUrl.reveal());
    url.hostname = options.host;
    return new Secret(`${url.href}?${options.query}`);
  };

  it('S5: a connection that breaks in the middle is target_failed; the next try succeeds', async () => {
    const fixture = open();
    await fixture.issue();
    const release = await server.hold('FLUSH TABLES WITH READ LOCK');
    const removal = expect(fixture.remove()).rejects.toMatchObject({ code: 'target_failed' });
    const look = "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER USER%'";
    const found: number[] = [];
    await expect
      .poll(async () => {
        found.push(...(await server.sql(look)).map((row) => Number(row.id)));
        return found.length;
      })
      .toBeGreaterThan(0);
    await server.sql(`KILL ${found[0]}`);
    await removal;
    await release();
    await fixture.remove();
    expect(await fixture.findTraces()).toEqual([]);
  });

  it('I6: closing leaves no session of the administrator', async () => {
    const { connector } = open();
    await Promise.all(Array.from({ length: 6 }, () => connector.list(Date.now() + 10_000)));
    await connector.close();
    const sql = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'jit_admin'";
    await expect.poll(() => server.sql(sql)).toEqual([]);
  });

  it('a wrong password of the administrator is target_failed, and is not in the message', async () => {
    const url = new URL(server.adminUrl.reveal());
    url.password = 'geheim';
    const error = await open({ url: new Secret(url.href) })
      .connector.list(Date.now() + 10_000)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'target_failed', message: expect.stringMatching(/Access denied/) });
    expect(String(error)).not.toContain('geheim');
  });

  it('ssl-mode=VERIFY_IDENTITY trusts the authority that is named, and no other', async () => {
    const trusting = open({
      url: at({ host: 'localhost', query: `ssl-mode=VERIFY_IDENTITY&ssl-ca=${server.rootFile}` }),
    });
    await trusting.connector.probe(await trusting.issue(), Date.now() + 10_000);
    await trusting.remove();
    const careful = open({ url: at({ host: 'localhost', query: 'ssl-mode=VERIFY_IDENTITY' }) });
    await expect(careful.issue()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(/certificate/),
    });
  });

  it('with ssl-mode=REQUIRED a login that is not encrypted is refused to the engineer too', async () => {
    const fixture = open({ url: at({ host: '127.0.0.1', query: 'ssl-mode=REQUIRED' }) });
    const credential = await fixture.issue();
    await fixture.connector.probe(credential, Date.now() + 10_000);
    const plain = open();
    await expect(plain.connector.probe(credential, Date.now() + 10_000)).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(/Access denied/),
    });
    await fixture.remove();
  });
});
