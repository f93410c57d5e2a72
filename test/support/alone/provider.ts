import { createServer, type IncomingMessage } from 'node:http';
import { Provider } from 'oidc-provider';
import { createFormBrowser, type FormBrowser } from '../../../src/adapters/form-browser.ts';
import { type Act, type Answer, sendAnswer } from '../broken-answers.ts';
import { type Challenge, createChallenger, readSent } from './challenge.ts';
import { type AloneSwitches, buildAloneConfiguration, CLIENT } from './configuration.ts';

/** An OpenID provider without a jit server, an instance of oidc-provider with its own pages. */
export type AloneProvider = AsyncDisposable & {
  readonly issuer: string;
  /** What a path answers in place of the provider, as in `/token`. */
  readonly answers: Map<string, Answer | Act>;
  /** Sees what the token endpoint answers with a token, and may change it. */
  onTokens: ((body: Record<string, unknown>) => void) | undefined;
  /** `METHOD path` of everything that was asked. */
  readonly asked: readonly string[];
  /** The bodies that the token and device endpoints were sent, and the queries of the authorization endpoint. */
  readonly forms: readonly URLSearchParams[];
  /** A profile of it in `config.toml`. */
  readonly profile: (more?: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** What a person does in the browser: logs in and says yes. Resolves with the last page. Without one, a new browser. */
  confirm(link: string, browser?: FormBrowser): Promise<string>;
  /** Is the token good, by the provider's own word? */
  isGood(token: string): Promise<boolean>;
};

export type AloneProviderOptions = AloneSwitches & {
  /** Of the issuer, as in `/realms/work`. */
  readonly path?: string;
  /** False: its metadata is only where RFC 8414 says. */
  readonly hasOpenidDocument?: boolean;
  readonly challenge?: Challenge;
};

const RESOURCE = 'https://orders.example.com';
const OPENID = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';
const WATCHED = /^\/(token|device\/auth|auth)$/;

export async function startAloneProvider(options: AloneProviderOptions = {}): Promise<AloneProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const { path = '' } = options;
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}${path}`;
  const provider = new Provider(issuer, buildAloneConfiguration(options));
  const answers = new Map<string, Answer | Act>();
  const asked: string[] = [];
  const forms: URLSearchParams[] = [];
  provider.use(async (context, next) => {
    asked.push(`${context.method} ${context.path}`);
    await next();
    if (WATCHED.test(context.path)) forms.push(readSent(context));
    if (!isObject(context.body)) return;
    if ('device_code' in context.body) context.body.interval = 1;
    if ('access_token' in context.body) alone.onTokens?.(context.body);
  });
  if (options.challenge) provider.use(createChallenger(options.challenge, issuer));
  server.on('request', (request, response) => {
    const instead = answers.get(new URL(request.url ?? '', issuer).pathname.slice(path.length));
    if (instead !== undefined) return sendAnswer(response, instead);
    if (options.hasOpenidDocument === false && request.url === `${path}${OPENID}`)
      return response.writeHead(404).end();
    mount(request, path);
    return void provider.callback()(request, response);
  });
  const alone: AloneProvider = {
    issuer,
    onTokens: undefined,
    answers,
    asked,
    forms,
    profile: (more) => buildProfile(issuer, more),
    confirm,
    isGood: async (token) => {
      const found = (await provider.AccessToken.find(token)) ?? (await provider.RefreshToken.find(token));
      return found !== undefined;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return alone;
}

/** The provider is at the root, and is told where its own path begins. */
function mount(request: IncomingMessage & { originalUrl?: string }, path: string): void {
  const url = request.url ?? '';
  const isOAuth = url === `${OAUTH}${path}`;
  if (path === '' && !isOAuth) return;
  request.originalUrl = isOAuth ? `${path}${OPENID}` : url;
  request.url = request.originalUrl.slice(path.length);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function buildProfile(issuer: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    backend: 'oidc',
    issuer,
    client_id: CLIENT,
    details_type: 'jit',
    scopes: {
      'prod:db.read': { description: 'Read production data', targets: ['orders'], usual: '30m' },
      'prod:db.write': { description: 'Change production data', targets: ['orders'] },
    },
    targets: { orders: { resource: RESOURCE } },
    ...more,
  };
}

const MOST_PAGES = 8;

async function confirm(link: string, browser: FormBrowser = createFormBrowser()): Promise<string> {
  let page = await browser.get(link);
  for (let count = 0; count < MOST_PAGES; count += 1) {
    if (!/<form/.test(page.html)) return page.html;
    const login = /name="login"/.test(page.html) ? { login: 'mara', password: 'any' } : {};
    page = await browser.submit(page, login);
  }
  throw new Error(`there is no end to the pages: ${page.html}`);
}
