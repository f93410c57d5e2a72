import type { Server } from 'node:http';
import type { ListenAddress } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';

/** Throws `address_in_use`. */
export function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(isTaken ? fail('address_in_use', { address: `${host}:${port}` }) : error);
    });
    server.listen({ host, port }, () => resolve());
  });
}
