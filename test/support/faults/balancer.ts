import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';

const LOOK_EVERY_MS = 100;
const LOOK_MS = 1_000;
const LONGEST_HOLD_MS = 10_000;

/**
 * What stands in front of replicas: passes each connection to the next one that says it is ready. A connection for which
 * there is none is held until there is.
 */
export type Balancer = AsyncDisposable & {
  readonly port: number;
  /** Behind it from now on; what is under way elsewhere goes on. */
  setPorts(ports: readonly number[]): void;
};

type Backend = { readonly port: number; isReady: boolean };

export async function startBalancer(options: {
  readonly port: number;
  readonly url: string;
}): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let backends: Backend[] = [];
  let turn = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const look = async (): Promise<void> => {
    await Promise.all(
      backends.map(async (backend) => {
        backend.isReady = await isReady(backend.port, options.url);
      }),
    );
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  const findNext = (): Backend | undefined => {
    const ready = backends.filter((backend) => backend.isReady);
    turn += 1;
    return ready[turn % ready.length];
  };
  const pass = async (socket: Socket): Promise<void> => {
    keep(socket);
    const onward = await openNext(findNext);
    if (!onward || socket.destroyed) {
      onward?.destroy();
      return void socket.destroy();
    }
    keep(onward);
    socket.pipe(onward).pipe(socket);
    socket.once('close', () => onward.destroy());
    onward.once('close', () => socket.destroy());
  };
  const server = createServer((socket) => void pass(socket));
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: options.port,
    setPorts: (ports) => {
      backends = ports.map(
        (port) => backends.find((known) => known.port === port) ?? { port, isReady: false },
      );
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

async function openNext(findNext: () => Backend | undefined): Promise<Socket | undefined> {
  const untilMs = performance.now() + LONGEST_HOLD_MS;
  while (performance.now() < untilMs) {
    const backend = findNext();
    const socket = backend && (await open(backend.port));
    if (socket) return socket;
    if (backend) backend.isReady = false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

function open(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => resolve(socket));
  });
}

function isReady(port: number, url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { host } = new URL(url);
    const asking = request(
      { host: '127.0.0.1', port, path: '/readyz', headers: { host }, agent: false, timeout: LOOK_MS },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
}
