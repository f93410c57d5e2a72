import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { makeCertificate, type SelfSigned } from '../certificates.ts';
import type { Stage } from '../programs/stage.ts';

/**
 * As much of a cluster's API as `kubectl get pods` reads, over TLS, for whoever has a token that introspection calls
 * active, or its client certificate.
 */
export type KubernetesApi = AsyncDisposable & {
  readonly url: string;
  readonly client: SelfSigned;
  readonly certificate: string;
  /** The status of every answer so far. */
  readonly answers: readonly number[];
  /** Done once, while the next call waits to be looked at. */
  meanwhile(action: () => Promise<unknown>): void;
};

export async function startKubernetesApi(stage: Pick<Stage, 'url' | 'apiSecret'>): Promise<KubernetesApi> {
  const certificate = makeCertificate();
  const client = makeCertificate('client');
  const answers: number[] = [];
  let action: (() => Promise<unknown>) | undefined;
  const server = createServer(
    { ...certificate, ca: client.cert, requestCert: true, rejectUnauthorized: false },
    async (incoming, outgoing) => {
      const due = action;
      action = undefined;
      await due?.();
      const isKnown = (incoming.socket as TLSSocket).authorized || (await isActive(stage, incoming));
      const status = isKnown ? 200 : 401;
      answers.push(status);
      respond(outgoing, { status, path: incoming.url ?? '' });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    client,
    certificate: certificate.cert,
    answers,
    meanwhile: (next) => {
      action = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function isActive(
  { url, apiSecret }: Pick<Stage, 'url' | 'apiSecret'>,
  { headers }: IncomingMessage,
): Promise<boolean> {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  if (!token) return false;
  const answer = await fetch(`${url}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`orders-api:${apiSecret}`)}` },
    body: new URLSearchParams({ token }),
  });
  return ((await answer.json()) as { readonly active?: boolean }).active === true;
}

const POD = { metadata: { name: 'orders-0', namespace: 'default' } };
const DOCUMENTS: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'] }],
  },
  '/api/v1/namespaces/default/pods': {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1' },
    items: [{ ...POD, kind: 'Pod', apiVersion: 'v1' }],
  },
};

function respond(
  outgoing: ServerResponse,
  { status, path }: { readonly status: number; readonly path: string },
) {
  const document = DOCUMENTS[path.split('?')[0] ?? ''];
  const known = status === 200 && document ? 200 : status === 200 ? 404 : status;
  const failure = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: known };
  outgoing
    .writeHead(known, { 'content-type': 'application/json' })
    .end(JSON.stringify(known === 200 ? document : failure));
}
