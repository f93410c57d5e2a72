import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below where the kernel takes the ports of outgoing connections from, on Linux and macOS. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A free port on loopback that nobody is given by chance while the server that has it is down. */
export async function findQuietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
