import { createServer, type IncomingMessage } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';

/** What each real service takes, as its maker documents it: docs/recipes has the same. */
export const CLOUDS = {
  aws: {
    audience: 'https://orders.aws.example.com',
    algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'],
  },
  google: { audience: 'https://orders.gcp.example.com', algorithms: ['RS256', 'ES256'] },
  azure: { audience: 'api://orders-readers', algorithms: ['RS256'] },
  vault: { audience: 'https://vault.example.com', algorithms: ['ES256'] },
  kubernetes: { audience: 'https://cluster.example.com', algorithms: ['RS256', 'ES256', 'PS256'] },
} as const;

export type CloudName = keyof typeof CLOUDS;

const LONGEST_SECONDS = 48 * 3600;
const DISCOVERED = ['jwks_uri', 'response_types_supported', 'subject_types_supported'] as const;

/**
 * Believes a token as a cloud does: what its issuer publishes by OpenID Connect discovery is all that it knows of jit.
 * Rejects with the reason.
 */
export async function believe(cloud: CloudName, token: string, issuer: string): Promise<JWTPayload> {
  const metadata = await readJson(`${issuer}/.well-known/openid-configuration`);
  if (metadata.issuer !== issuer) throw new Error(`the metadata is of ${metadata.issuer}`);
  for (const name of DISCOVERED)
    if (metadata[name] === undefined) throw new Error(`no ${name} in the metadata`);
  const keys = (await readJson(String(metadata.jwks_uri))) as unknown as JSONWebKeySet;
  const { audience, algorithms } = CLOUDS[cloud];
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
    issuer,
    audience,
    algorithms: [...algorithms],
    requiredClaims: ['sub', 'iat', 'exp'],
  });
  const offered = metadata.id_token_signing_alg_values_supported;
  if (!Array.isArray(offered) || !offered.includes(protectedHeader.alg))
    throw new Error('an algorithm it does not tell of');
  if ((payload.exp ?? 0) - (payload.iat ?? 0) >= LONGEST_SECONDS) throw new Error('it lasts too long');
  return payload;
}

async function readJson(url: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

export type Clouds = AsyncDisposable & { readonly url: string };

type Call = { readonly path: string; readonly body: string; readonly bearer: string };

/** The services at which the tools of the recipes exchange a token, each under the name of its host. */
export async function startClouds(issuer: string): Promise<Clouds> {
  const server = createServer(async (request, response) => {
    const call = { path: request.url ?? '/', body: await readBody(request), bearer: readBearer(request) };
    await answer(issuer, call).then(
      (text) => response.writeHead(200).end(text),
      (error: unknown) => response.writeHead(403).end(error instanceof Error ? error.message : 'refused'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(issuer: string, { path, body, bearer }: Call): Promise<string> {
  const form = new URLSearchParams(body);
  if (path === '/sts.eu-south-1.amazonaws.com/') return assumeRole(issuer, form);
  if (path === '/sts.googleapis.com/v1/token') {
    const { sub, scope } = await believe('google', form.get('subject_token') ?? '', issuer);
    requireSame(scope, 'prod:gcp.read');
    requireSame(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:token-exchange');
    requireSame(form.get('subject_token_type'), 'urn:ietf:params:oauth:token-type:jwt');
    return JSON.stringify({ access_token: `federated ${sub}`, expires_in: 600, token_type: 'Bearer' });
  }
  if (path.startsWith('/iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/orders-read@')) {
    return JSON.stringify({ accessToken: `service account for ${bearer}`, ...JSON.parse(body) });
  }
  if (path.startsWith('/login.microsoftonline.com/11111111-')) {
    requireSame(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    const { sub } = await believe('azure', form.get('client_assertion') ?? '', issuer);
    return JSON.stringify({ access_token: `azure ${sub} as ${form.get('client_id')}` });
  }
  requireSame(path, '/vault.example.com/v1/auth/jwt/login');
  const { jwt, role } = JSON.parse(body) as { readonly jwt: string; readonly role: string };
  const { sub, scope } = await believe('vault', jwt, issuer);
  requireSame(scope, 'prod:vault.read');
  return JSON.stringify({ auth: { client_token: `vault ${role} ${sub}` } });
}

/** STS answers XML; a trust policy sees the audience alone. */
async function assumeRole(issuer: string, form: URLSearchParams): Promise<string> {
  requireSame(form.get('Action'), 'AssumeRoleWithWebIdentity');
  await believe('aws', form.get('WebIdentityToken') ?? '', issuer);
  const session = form.get('RoleSessionName') ?? '';
  if (!/^[\w+=,.@-]{2,64}$/.test(session)) throw new Error(`RoleSessionName ${session}`);
  const role = (form.get('RoleArn') ?? '').replace(':iam:', ':sts:').replace(':role/', ':assumed-role/');
  return `<AssumeRoleWithWebIdentityResponse><Arn>${role}/${session}</Arn></AssumeRoleWithWebIdentityResponse>`;
}

function requireSame(found: unknown, wanted: string): void {
  if (found !== wanted) throw new Error(`${found} is not ${wanted}`);
}

function readBearer({ headers }: IncomingMessage): string {
  return /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1] ?? '';
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
