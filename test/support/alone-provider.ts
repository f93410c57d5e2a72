import { createServer } from 'node:http';
import { type Configuration, Provider } from 'oidc-provider';
import { createFormBrowser } from '../../src/adapters/form-browser.ts';

/** An OpenID provider without a jit server, an instance of oidc-provider with its own pages. */
export type AloneProvider = AsyncDisposable & {
  readonly issuer: string;
  /** `METHOD path` of everything that was asked. */
  readonly asked: readonly string[];
  /** The bodies that the token and device endpoints were sent. */
  readonly forms: readonly URLSearchParams[];
  /** A profile of it in `config.toml`. */
  readonly profile: (more?: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** What a person does in the browser: logs in and says yes, or no. */
  confirm(link: string, user?: string): Promise<void>;
  /** Is the token good for its resource, by the provider's own word? */
  isGood(token: string): Promise<boolean>;
};

export type AloneProviderOptions = {
  readonly dpop?: boolean;
  readonly details?: boolean;
  readonly rotates?: boolean;
  readonly revokes?: boolean;
  readonly introspects?: boolean;
  /** The only scope that a resource gives, whatever is asked for. */
  readonly gives?: string;
  /** What a path answers instead of the provider; undefined leaves it to the provider. */
  readonly answer?: (path: string) => string | undefined;
};

const CLIENT = 'jit-alone';
const RESOURCE = 'https://orders.example.com';
const DETAILS = {
  enabled: true,
  types: { jit: { validate: () => undefined } },
  authorizationDetailsForGrantSource: () => undefined,
  authorizationDetailsForAccessToken: () => undefined,
  authorizationDetailsForIntrospection: () => undefined,
};
const LIFE_SECONDS = 300;

export async function startAloneProvider(options: AloneProviderOptions = {}): Promise<AloneProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const provider = new Provider(issuer, buildConfiguration(options));
  const asked: string[] = [];
  const forms: URLSearchParams[] = [];
  provider.use(async (context, next) => {
    asked.push(`${context.method} ${context.path}`);
    await next();
    if (context.path === '/device/auth' && isObject(context.body)) context.body.interval = 1;
    const { body } = context.oidc ?? {};
    if (body && /^\/(token|device\/auth)$/.test(context.path)) forms.push(readForm(body));
  });
  server.on('request', (request, response) => {
    const instead = options.answer?.(request.url ?? '');
    if (instead === undefined) void provider.callback()(request, response);
    else response.setHeader('content-type', 'application/json').end(instead);
  });
  return {
    issuer,
    asked,
    forms,
    profile: (more) => buildProfile(issuer, more),
    confirm: (link, user = 'mara') => confirm(link, user),
    isGood: async (token) => (await provider.AccessToken.find(token)) !== undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function readForm(body: object): URLSearchParams {
  const entries = Object.entries(body).filter(([, value]) => typeof value === 'string');
  return new URLSearchParams(entries as [string, string][]);
}

function buildConfiguration(options: AloneProviderOptions): Configuration {
  const { dpop = false, details = false, rotates = false, revokes = true, introspects = true } = options;
  const features = {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: revokes, allowedPolicy: () => true },
    dPoP: { enabled: dpop },
    ...(details ? { richAuthorizationRequests: DETAILS } : {}),
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: options.gives ?? 'prod:db.read prod:db.write',
        accessTokenFormat: 'opaque' as const,
        accessTokenTTL: LIFE_SECONDS,
      }),
    },
  } as const;
  return {
    clients: [
      {
        client_id: CLIENT,
        redirect_uris: [],
        response_types: [],
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
        ...(details ? { authorization_details_types: ['jit'] } : {}),
      },
    ],
    scopes: ['openid', 'offline_access', 'profile'],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, preferred_username: sub }),
    }),
    issueRefreshToken: (_context, _client, code) => code.scopes.has('offline_access'),
    rotateRefreshToken: rotates,
    features: introspects
      ? { ...features, introspection: { enabled: true, allowedPolicy: async () => true } }
      : features,
  };
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

async function confirm(link: string, user: string): Promise<void> {
  const browser = createFormBrowser();
  let page = await browser.get(link);
  for (let count = 0; count < MOST_PAGES; count += 1) {
    if (!/<form/.test(page.html)) return;
    const login = /name="login"/.test(page.html) ? { login: user, password: 'any' } : {};
    page = await browser.submit(page, login);
  }
  throw new Error(`there is no end to the pages: ${page.html}`);
}
