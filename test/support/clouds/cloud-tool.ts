import { readFileSync } from 'node:fs';

// What a real tool does with the variables that it finds, and nothing else: `cloud-tool.ts <aws|google|azure|vault>`.
// Every address `https://<host>/…` is asked for at `$CLOUD_URL/<host>/…` instead.

function read(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

async function post(address: string, body: URLSearchParams | object, bearer?: string): Promise<string> {
  const isForm = body instanceof URLSearchParams;
  const answer = await fetch(address.replace('https://', `${read('CLOUD_URL')}/`), {
    method: 'POST',
    body: isForm ? body : JSON.stringify(body),
    headers: {
      ...(isForm ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${address}: ${answer.status} ${text}`);
  return text;
}

async function useAws(): Promise<string> {
  // The order in which SDKs look: keys and profiles come before a web identity.
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE']) if (process.env[name]) return `used ${name}`;
  const answer = await post(
    `https://sts.${read('AWS_REGION')}.amazonaws.com/`,
    new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: read('AWS_ROLE_ARN'),
      RoleSessionName: read('AWS_ROLE_SESSION_NAME'),
      WebIdentityToken: readFileSync(read('AWS_WEB_IDENTITY_TOKEN_FILE'), 'utf8').trim(),
    }),
  );
  return /<Arn>(.*)<\/Arn>/.exec(answer)?.[1] ?? answer;
}

type ExternalAccount = {
  readonly type: string;
  readonly audience: string;
  readonly subject_token_type: string;
  readonly token_url: string;
  readonly service_account_impersonation_url: string;
  readonly service_account_impersonation: { readonly token_lifetime_seconds: number };
  readonly credential_source: { readonly file: string };
};

async function useGoogle(): Promise<string> {
  const path = read('GOOGLE_APPLICATION_CREDENTIALS');
  const file = JSON.parse(readFileSync(path, 'utf8')) as ExternalAccount;
  if (file.type !== 'external_account') throw new Error(`type ${file.type}`);
  const exchanged = await post(
    file.token_url,
    new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: file.audience,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: readFileSync(file.credential_source.file, 'utf8'),
      subject_token_type: file.subject_token_type,
    }),
  );
  const { access_token } = JSON.parse(exchanged) as { readonly access_token: string };
  const lifetime = `${file.service_account_impersonation.token_lifetime_seconds}s`;
  return post(file.service_account_impersonation_url, { lifetime }, access_token);
}

async function useAzure(): Promise<string> {
  for (const name of ['AZURE_CLIENT_SECRET']) if (process.env[name]) return `used ${name}`;
  return post(
    `https://login.microsoftonline.com/${read('AZURE_TENANT_ID')}/oauth2/v2.0/token`,
    new URLSearchParams({
      client_id: read('AZURE_CLIENT_ID'),
      grant_type: 'client_credentials',
      scope: 'https://management.azure.com/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: readFileSync(read('AZURE_FEDERATED_TOKEN_FILE'), 'utf8'),
    }),
  );
}

async function useVault(): Promise<string> {
  const jwt = readFileSync(read('JIT_CREDENTIAL_TOKEN_FILE'), 'utf8');
  return post('https://vault.example.com/v1/auth/jwt/login', { role: 'orders', jwt });
}

const TOOLS: Readonly<Record<string, () => Promise<string>>> = {
  aws: useAws,
  google: useGoogle,
  azure: useAzure,
  vault: useVault,
};

try {
  process.stdout.write(`${await TOOLS[process.argv[2] ?? '']?.()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
