import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { importJWK, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import type { FormBrowser, VisitedPage } from '../../../src/adapters/form-browser.ts';
import type { CompanyProvider } from '../../../src/core/config.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createAdapterFactory } from '../../../src/server/oauth/provider/adapter.ts';
import { createMemoryProtocolStore } from '../fakes/memory-protocol-store.ts';
import { buildConfiguration, CLIENT, type State } from './configuration.ts';

export type CompanyAccount = {
  readonly name: string;
  readonly groups?: unknown;
  readonly amr?: readonly string[];
  /** More claims, or others. */
  readonly claims?: Readonly<Record<string, unknown>>;
};

/** Answers a request itself; false leaves it to the provider. */
export type Intercept = (path: string, response: ServerResponse, request: IncomingMessage) => boolean;
/** Changes an ID token's claims, or says what to send instead of the token. */
export type Rewrite = (claims: Record<string, unknown>) => Record<string, unknown> | string | Promise<string>;
type Sign = (claims: Record<string, unknown>, header?: Partial<JWTHeaderParameters>) => Promise<string>;

/** A company's OpenID provider: oidc-provider again, an instance of its own, with everything that can go wrong. */
export type CompanyServer = AsyncDisposable & {
  readonly issuer: string;
  readonly settings: CompanyProvider;
  /** By `sub`. One that is taken out is disabled. */
  readonly accounts: Map<string, CompanyAccount>;
  /** `METHOD path` of everything that was asked. */
  readonly asked: string[];
  /** The redirect address that its client may have. */
  trust(redirectUri: string): void;
  /** New keys; the old ones are not published any more, and what this gives goes on signing with them. */
  rotateKeys(): Sign;
  readonly sign: Sign;
  intercept: Intercept;
  rewrite: Rewrite;
};

export type CompanyServerOptions = {
  /** Name and groups at userinfo only, as some providers have it. */
  readonly hasThinTokens?: boolean;
  readonly givesRenewals?: boolean;
  readonly rotatesRenewals?: boolean;
  readonly refreshSeconds?: number;
};

export async function startCompanyServer(options: CompanyServerOptions = {}): Promise<CompanyServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => {} };
  const state: State = {
    issuer,
    adapter: createAdapterFactory({ protocol: createMemoryProtocolStore(), clock, special: {} }),
    accounts: new Map(),
    options,
    control: { rewrite: (claims) => claims },
    redirectUri: 'http://127.0.0.1:1/login/callback',
    key: makeKey(),
  };
  let provider = buildProvider(state);
  const asked: string[] = [];
  const company: CompanyServer = {
    issuer,
    settings: buildSettings(issuer, options),
    accounts: state.accounts,
    asked,
    trust: (redirectUri) => {
      state.redirectUri = redirectUri;
      provider = buildProvider(state);
    },
    rotateKeys: () => {
      const { key } = state;
      state.key = makeKey();
      provider = buildProvider(state);
      return (claims, header) => sign(key, claims, header);
    },
    sign: (claims, header) => sign(state.key, claims, header),
    intercept: () => false,
    get rewrite() {
      return state.control.rewrite;
    },
    set rewrite(rewrite) {
      state.control.rewrite = rewrite;
    },
    [Symbol.asyncDispose]: () => close(server),
  };
  server.on('request', (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(`${request.method} ${path}`);
    if (company.intercept(path, response, request)) return;
    if (path.startsWith('/interaction/'))
      void interact({ provider, accounts: state.accounts }, request, response);
    else void provider.callback()(request, response);
  });
  return company;
}

function buildSettings(issuer: string, options: CompanyServerOptions): CompanyProvider {
  return {
    issuer,
    clientId: CLIENT.id,
    clientSecret: new Secret(CLIENT.secret),
    scopes: ['openid', 'profile', 'offline_access'],
    groupsClaim: 'groups',
    nameClaim: 'preferred_username',
    personClaim: null,
    refreshSeconds: options.refreshSeconds ?? 300,
  };
}

function makeKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}

async function sign(
  key: JWK,
  claims: Record<string, unknown>,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid ?? '', ...header });
  return jwt.sign(await importJWK(key, 'RS256'));
}

function buildProvider(state: State): Provider {
  const provider = new Provider(state.issuer, buildConfiguration(state));
  provider.use(async (context, next) => {
    await next();
    const body = context.body as Record<string, unknown> | undefined;
    if (typeof body?.id_token !== 'string') return;
    const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString());
    const rewritten = await state.control.rewrite(claims);
    const token = typeof rewritten === 'string' ? rewritten : await sign(state.key, rewritten);
    context.body = { ...body, id_token: token };
  });
  return provider;
}

/** The company's login page: a name is enough. */
async function interact(
  { provider, accounts }: { readonly provider: Provider; readonly accounts: State['accounts'] },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><html lang="en"><title>Company</title><form method="post" action="${request.url}">
      <label>Account <input name="account"></label><button>Log in</button></form></html>`,
    );
    return;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const account = new URLSearchParams(Buffer.concat(chunks).toString()).get('account') ?? '';
  const isRefused = account === 'nobody';
  const result = isRefused
    ? { error: 'access_denied' }
    : { login: { accountId: account, remember: true, amr: [...(accounts.get(account)?.amr ?? [])] } };
  await provider.interactionFinished(request, response, result);
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Goes on from the page that leads to the company, as a browser does by itself, and logs in there where it is asked. */
export async function passCompany(
  browser: FormBrowser,
  leaving: VisitedPage,
  account: string,
): Promise<VisitedPage> {
  const link = /<a id="company" href="([^"]+)"/.exec(leaving.html)?.[1];
  if (link === undefined) throw new Error(`this page leads to no company: ${leaving.html}`);
  const page = await browser.get(link.replaceAll('&amp;', '&'));
  return 'account' in page.fields ? browser.submit(page, { account }) : page;
}
