import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ApiEnvironment } from '../../../src/server/api/context.ts';
import { readGone } from '../../../src/server/api/gone.ts';
import { openTestApi } from '../../support/api.ts';
import { dev } from '../../support/broker.ts';

const begun = () => Promise.withResolvers<void>();

let asked = begun();
let looks = begun();
let read = Promise.withResolvers<AbortSignal>();

const app = new Hono<ApiEnvironment>();
app.get('/answered', (c) => {
  read.resolve(readGone(c));
  return c.text('here');
});
app.get('/never', async (c) => {
  asked.resolve();
  await looks.promise;
  read.resolve(readGone(c));
  return new Promise<Response>(() => {});
});

const listener = getRequestListener(app.fetch);
const server = createServer((request, response) => void listener(request, response));

beforeEach(async () => {
  [asked, looks, read] = [begun(), begun(), Promise.withResolvers<AbortSignal>()];
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), 'close');
});

function ask(path: string) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`);
  return socket;
}

it('a client that leaves while it waits is known to be gone', async () => {
  const socket = ask('/never');
  looks.resolve();
  const gone = await read.promise;
  expect(gone.aborted).toBe(false);
  socket.destroy();
  await once(gone, 'abort');
});

it('so is one that left before anybody looked', async () => {
  const left = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  const socket = ask('/never');
  await asked.promise;
  socket.destroy();
  await left;
  looks.resolve();
  const gone = await read.promise;
  if (!gone.aborted) await once(gone, 'abort');
  expect(gone.aborted).toBe(true);
});

it('one that has its answer is not gone, also when it leaves then', async () => {
  const left = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  const socket = ask('/answered');
  await once(socket, 'data');
  socket.destroy();
  await left;
  expect((await read.promise).aborted).toBe(false);
});

it('for one that has left while it claimed nothing takes the place of the password that there is', async () => {
  await using api = await openTestApi();
  const request = await api.broker.ask();
  const claim = (signal?: AbortSignal) =>
    api.send(dev, `/v1/requests/${request.id}/claim`, { method: 'POST', body: '{}', signal: signal ?? null });
  expect((await claim()).status).toBe(200);
  const passwords = [...api.broker.target.live.values()];
  expect((await claim(AbortSignal.abort())).status).toBe(409);
  expect([...api.broker.target.live.values()]).toEqual(passwords);
  expect((await claim()).status).toBe(200);
  expect([...api.broker.target.live.values()]).not.toEqual(passwords);
});
