import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TargetSession } from '../../../src/testing/connector.ts';

export const ACCOUNTS_TOKEN = 'canary-admin-token';

type Account = {
  password: string;
  roles: readonly string[];
  expiresAt: string;
  lastUsedAt: string | null;
  readonly sessions: Set<ServerResponse>;
};

/** A service with accounts and an interface for its administrators: the target of the examples of connectors. */
export type AccountsService = AsyncDisposable & {
  readonly adminUrl: string;
  readonly accounts: ReadonlyMap<string, Readonly<Account>>;
  /** While it is set, the interface for administrators answers with this status. */
  failWith: number | undefined;
  /** A session that lasts until the service ends it; rejects where the password is not right. */
  logIn(name: string, password: string): Promise<TargetSession>;
};

export async function startAccountsService(): Promise<AccountsService> {
  const accounts = new Map<string, Account>();
  const service: { failWith: number | undefined } = { failWith: undefined };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://service');
    if (pathname === '/session') return openSession(accounts, { request, response });
    if (request.headers.authorization !== `Bearer ${ACCOUNTS_TOKEN}`)
      return void response.writeHead(401).end();
    if (service.failWith) return void response.writeHead(service.failWith).end();
    const name = decodeURIComponent(/^\/admin\/accounts\/(.+)$/.exec(pathname)?.[1] ?? '');
    const answer = answerAdmin(accounts, {
      method: request.method ?? '',
      pathname,
      name,
      body: await readBody(request),
    });
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return Object.assign(service, {
    adminUrl: `${url}/admin`,
    accounts,
    logIn: (name: string, password: string) => logIn(url, { name, password }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

type AdminCall = {
  readonly method: string;
  readonly pathname: string;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
};

/** Undefined: there is no such thing. */
function answerAdmin(accounts: Map<string, Account>, { method, pathname, name, body }: AdminCall): unknown {
  const known = accounts.get(name);
  if (pathname === '/admin/login') {
    return accounts.get(String(body.name))?.password === body.password ? {} : undefined;
  }
  if (pathname === '/admin/accounts') return [...accounts.entries()].map(describe);
  if (method === 'GET') return known && describe([name, known]);
  if (method === 'PATCH') return known && Object.assign(known, { expiresAt: String(body.expires_at) }) && {};
  if (method === 'DELETE') return known && remove(accounts, { name, known });
  const fresh = { lastUsedAt: null, ...known, sessions: known?.sessions ?? new Set<ServerResponse>() };
  const roles = Array.isArray(body.roles) ? body.roles.map(String) : [];
  accounts.set(name, {
    ...fresh,
    roles,
    password: String(body.password),
    expiresAt: String(body.expires_at),
  });
  return {};
}

function describe([name, { sessions, lastUsedAt }]: readonly [string, Account]): object {
  return { name, sessions: sessions.size, last_used_at: lastUsedAt };
}

function remove(
  accounts: Map<string, Account>,
  { name, known }: { readonly name: string; readonly known: Account },
): object {
  accounts.delete(name);
  const open = [...known.sessions];
  for (const session of open) session.destroy();
  return { sessions_ended: open.length };
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

function openSession(accounts: ReadonlyMap<string, Account>, { request, response }: Exchange): void {
  const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString();
  const [name = '', password] = basic.split(':');
  const known = accounts.get(name);
  if (!known || known.password !== password) return void response.writeHead(401).end();
  known.lastUsedAt = `${new Date().toISOString().slice(0, 19)}Z`;
  known.sessions.add(response);
  response.once('close', () => known.sessions.delete(response));
  response.writeHead(200);
  response.write('hello\n');
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Readonly<Record<string, unknown>>;
}

async function logIn(
  url: string,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<TargetSession> {
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const answer = await fetch(`${url}/session`, { headers: { authorization } });
  if (!answer.ok) throw new Error(`the service answers ${answer.status}`);
  return { closed: answer.text().catch(() => 'ended') };
}
