import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server on loopback, for one whose host is gone from one moment on. */
export type VanishingHost = AsyncDisposable & {
  readonly port: number;
  /** Settles when it is gone. */
  readonly gone: Promise<void>;
};

/** Nothing passes any more, either way, from the first message that has this in it; and nobody is told. */
export async function openVanishingHost(to: {
  readonly port: number;
  readonly until: string;
}): Promise<VanishingHost> {
  const sockets = new Set<Socket>();
  const gone = Promise.withResolvers<void>();
  let isGone = false;
  const relay = createServer((client) => {
    const server = connect(to.port, '127.0.0.1');
    for (const socket of [client, server]) sockets.add(socket.on('error', () => {}));
    client.on('data', (chunk) => {
      if (chunk.includes(to.until)) {
        isGone = true;
        gone.resolve();
      }
      if (!isGone) server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!isGone) client.write(chunk);
    });
    client.once('close', () => (isGone ? undefined : server.destroy()));
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return {
    port: (relay.address() as AddressInfo).port,
    gone: gone.promise,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      relay.close();
      await once(relay, 'close');
    },
  };
}
