import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { PostgresAddress } from '../../../src/adapters/store/postgres/pool.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import type { Secret } from '../../../src/core/secret.ts';
import { buildStoreUrl } from '../databases/postgres-stores.ts';
import { type JitServer, startJitServer } from '../programs/jit-server.ts';
import { findQuietPort } from '../quiet-port.ts';
import { basic } from '../verifying/service-calls.ts';
import { buildFaultConfig, FAULT_SERVICE } from './config.ts';

/** Two servers in this process over one database, behind one address that sends every request to the other one. */
export type TwoReplicas = AsyncDisposable & {
  readonly url: string;
  readonly stores: readonly Store[];
  readonly errors: () => readonly unknown[];
  /** What this one of them says of a token. */
  introspect(which: 0 | 1, token: Secret): Promise<boolean>;
};

export type Meddling = {
  /** How far ahead the time of both is. */
  readonly skewMs?: () => number;
  /** Waited for before anything is removed from the target by this one of them. */
  readonly beforeRemoval?: (which: number) => Promise<void>;
};

export async function startTwoReplicas(
  address: PostgresAddress,
  { skewMs = () => 0, beforeRemoval = async () => {} }: Meddling = {},
): Promise<TwoReplicas> {
  const port = await findQuietPort();
  const ports = [await findQuietPort(), await findQuietPort()] as const;
  const stores: Store[] = [];
  const start = (which: 0 | 1): Promise<JitServer> => {
    const listenPort = ports[which];
    const config = buildFaultConfig({
      folder: '',
      port,
      listenPort,
      kind: 'token',
      urls: { orders: '' },
      store: buildStoreUrl(address),
    });
    const keep = (store: Store): Store => {
      stores.push(store);
      return store;
    };
    const connector = (real: Connector): Connector => ({
      ...real,
      remove: async (handle, options) => {
        await beforeRemoval(which);
        return await real.remove(handle, options);
      },
    });
    const clock = (shared: Clock): Clock => ({ ...shared, now: () => shared.now() + skewMs() });
    return startJitServer({ config, decorate: { store: keep, connector, clock } });
  };
  const replicas = [await start(0), await start(1)];
  const front = await startFront(port, ports);
  return {
    url: `http://127.0.0.1:${port}`,
    stores,
    errors: () => replicas.flatMap(({ errors }) => errors),
    introspect: (which, token) => introspect({ port: ports[which], host: `127.0.0.1:${port}`, token }),
    [Symbol.asyncDispose]: async () => {
      await front();
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
    },
  };
}

/** By request, not by connection: clients keep theirs. */
async function startFront(port: number, ports: readonly number[]): Promise<() => Promise<void>> {
  let turn = 0;
  const front = createServer((incoming, outgoing) => {
    turn += 1;
    const { method, url: path, headers } = incoming;
    const onward = request(
      { host: '127.0.0.1', port: ports[turn % ports.length], method, path, headers, agent: false },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  front.listen(port, '127.0.0.1');
  await once(front, 'listening');
  return async () => {
    front.close();
    front.closeAllConnections();
    await once(front, 'close');
  };
}

type Question = { readonly port: number; readonly host: string; readonly token: Secret };

async function introspect({ port, host, token }: Question): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const asking = request(
    {
      ...{ host: '127.0.0.1', port, path: '/oauth/introspect', method: 'POST', agent: false },
      headers: {
        host,
        authorization: basic(FAULT_SERVICE.name, FAULT_SERVICE.secret),
        'content-type': 'application/x-www-form-urlencoded',
      },
    },
    async (answer) => {
      const text = (await answer.toArray()).join('');
      resolve((JSON.parse(text) as { readonly active: boolean }).active);
    },
  );
  asking.once('error', reject);
  asking.end(new URLSearchParams({ token: token.reveal() }).toString());
  return await promise;
}
