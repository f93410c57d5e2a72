type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const is =
  (wanted: unknown): Check =>
  (value) =>
    value === wanted;
/** Of these fields and no others: a library may read a name in any case, or one that is not known here. */
const hasShape =
  (shape: Shape): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([name, field]) => Object.hasOwn(shape, name) && shape[name]?.(field) === true,
    );

/** No braces: nothing that is filled in could end the text that it stands in. */
const NAME = matches(/^[\w./:@ -]{1,512}$/);
const STS = '(?:[a-z0-9-]+[.-])?sts(?:\\.[a-z0-9-]+){0,2}\\.googleapis\\.com';

const EXTERNAL_ACCOUNT = hasShape({
  type: is('external_account'),
  audience: NAME,
  subject_token_type: NAME,
  token_url: matches(new RegExp(`^https://${STS}/v1/token$`)),
  token_info_url: matches(new RegExp(`^https://${STS}/v1/introspect$`)),
  service_account_impersonation_url: matches(
    /^https:\/\/iamcredentials(?:\.[a-z0-9-]+){0,2}\.googleapis\.com\/v1\/projects\/-\/serviceAccounts\/[\w.@-]+:generateAccessToken$/,
  ),
  service_account_impersonation: hasShape({ token_lifetime_seconds: Number.isSafeInteger }),
  credential_source: hasShape({ file: is('{token_file}'), format: hasShape({ type: is('text') }) }),
  quota_project_id: NAME,
  workforce_pool_user_project: NAME,
  universe_domain: is('googleapis.com'),
});

const GOOGLE = matches(/^https:\/\/(?:[a-z0-9-]+\.)+(?:googleapis|google)\.com\/[\w./%@-]*$/);

const SERVICE_ACCOUNT = hasShape({
  type: is('service_account'),
  project_id: NAME,
  private_key_id: NAME,
  private_key: matches(/^-----BEGIN [A-Z ]+-----[A-Za-z0-9+/=\s]+-----END [A-Z ]+-----\s*$/),
  client_email: NAME,
  client_id: NAME,
  auth_uri: GOOGLE,
  token_uri: matches(/^https:\/\/oauth2(?:\.[a-z0-9-]+){0,2}\.googleapis\.com\/token$/),
  auth_provider_x509_cert_url: GOOGLE,
  client_x509_cert_url: GOOGLE,
  universe_domain: is('googleapis.com'),
});

/**
 * Does this template of a Google credential file say: exchange the grant's own token, at Google? Others of its fields name files
 * and addresses to read from, programs to run, and where to send what was read: no server may choose those.
 */
export function isOwnExternalAccount(template: string): boolean {
  const file = readPlainly(template);
  return EXTERNAL_ACCOUNT(file) && has(file, 'type') && has(file, 'credential_source');
}

/** A key of a service account, to be used at Google: it reads nothing of the machine that it is on. */
export function isServiceAccountKey(text: string): boolean {
  const file = readPlainly(text);
  return SERVICE_ACCOUNT(file) && has(file, 'type') && has(file, 'token_uri');
}

function has(file: unknown, name: string): boolean {
  return typeof file === 'object' && file !== null && Object.hasOwn(file, name);
}

/** Undefined for a document that says something twice: another reader could take the other. */
function readPlainly(text: string): unknown {
  try {
    const file: unknown = JSON.parse(text);
    const compact = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
    return compact === JSON.stringify(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
