import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { findQuietPort } from './quiet-port.ts';

/**
 * A way to a server on loopback that a test can close. `shut`: connections are refused, and those that are open are
 * cut. `stuck`: connections are accepted, and nothing is ever answered.
 */
export type TcpGate = AsyncDisposable & {
  readonly port: number;
  set(state: 'open' | 'shut' | 'stuck'): Promise<void>;
};

export async function openTcpGate(to: { readonly port: number }): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  let isStuck = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const pass = (socket: Socket): void => {
    keep(socket);
    if (isStuck) return void socket.resume();
    const onward = keep(connect(to.port, '127.0.0.1'));
    socket.pipe(onward).pipe(socket);
    socket.once('close', () => onward.destroy());
    onward.once('close', () => socket.destroy());
  };
  const server = createServer(pass);
  const port = await findQuietPort();
  await listen(server, port);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    cut();
    if (!server.listening) return;
    server.close();
    cut();
    await once(server, 'close');
  };
  return {
    port,
    set: async (state) => {
      isStuck = state === 'stuck';
      if (state === 'shut') return close();
      cut();
      if (!server.listening) await listen(server, port);
    },
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
