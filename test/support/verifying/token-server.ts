import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { JWK } from 'jose';
import { makeSigningKey } from '../signing-keys.ts';
import { createForge, type Forge } from './bad-tokens.ts';

export const AUDIENCE = 'https://orders.example.com';
export const NOW = Date.parse('2026-11-22T09:00:00Z');

/** The parts of a jit server that a service talks to, in the test's hands. */
export type TokenServer = AsyncDisposable & {
  readonly url: string;
  readonly forge: Forge;
  /** Paths in the order in which they were asked. */
  readonly calls: readonly string[];
  /** What it publishes; tests rotate it. */
  keys: readonly JWK[];
  /** What introspection says. */
  isActive: boolean;
  /** Every call but the stream breaks off without an answer. */
  isAway: boolean;
  /** Answers in place of the keys or of introspection, as text. */
  readonly answers: Map<string, string>;
  /** Answers are written and not sent before this resolves. */
  holding: Promise<void> | undefined;
  /** Where everything but this address itself redirects to. */
  moved: string | undefined;
  /** Writes to every open stream. */
  send(...fields: readonly string[]): void;
  /** Ends every open stream. */
  cut(): void;
  /** With what `Last-Event-ID` each stream began. */
  readonly begun: readonly (string | undefined)[];
};

export async function startTokenServer(): Promise<TokenServer> {
  const calls: string[] = [];
  const begun: (string | undefined)[] = [];
  const streams = new Set<ServerResponse>();
  const http = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const jwk = await makeSigningKey();
  const { d: _, ...published } = jwk;
  const forge = createForge({ jwk, claims: buildClaims(url) });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    calls.push(path);
    request.resume();
    if (path === '/oauth/revocations') {
      begun.push(request.headers['last-event-id']?.toString());
      streams.add(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.flushHeaders();
      response.on('close', () => streams.delete(response));
      return;
    }
    if (server.isAway) {
      request.socket.destroy();
      return;
    }
    if (server.moved && path !== server.moved) {
      response.writeHead(307, { location: server.moved }).end();
      return;
    }
    const usual = path === '/oauth/jwks' ? { keys: server.keys } : { active: server.isActive };
    const text = server.answers.get(path) ?? JSON.stringify(usual);
    void Promise.resolve(server.holding).then(() => response.writeHead(200).end(text));
  };
  const server: TokenServer = {
    url,
    forge,
    calls,
    begun,
    keys: [published],
    isActive: true,
    isAway: false,
    moved: undefined,
    holding: undefined,
    answers: new Map(),
    send: (...fields) => {
      for (const stream of streams) stream.write(`${fields.join('\n')}\n\n`);
    },
    cut: () => {
      for (const stream of streams) stream.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

function buildClaims(issuer: string) {
  return {
    iss: issuer,
    sub: 'dev:dev',
    aud: AUDIENCE,
    client_id: 'jit-cli',
    iat: NOW / 1000,
    exp: NOW / 1000 + 3600,
    jti: 'tok_1',
    scope: 'prod:api.read prod:api.write',
    grant_id: 'gr_1',
    digest: 'digest-1',
  };
}
