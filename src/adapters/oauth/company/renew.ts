import { fail } from '../../../core/errors.ts';
import type { Company, Renewed } from '../../../core/ports/company.ts';
import { Secret } from '../../../core/secret.ts';
import type { ClaimNames } from '../../../core/wire/company-claims.ts';
import { judgeError } from '../judge-error.ts';
import { readPerson } from './judge-login.ts';
import { mapProviderError } from './map-provider-error.ts';
import type { OpenProvider, Provider } from './provider.ts';

type RenewParts = {
  readonly open: OpenProvider;
  readonly names: ClaimNames & { readonly issuer: string };
};

type Tokens = Awaited<ReturnType<Provider['client']['refreshTokenGrant']>>;

/** The contract is `Company.renew`: nothing is thrown, and only the provider's own plain word makes somebody `gone`. */
export async function renew(
  { open, names }: RenewParts,
  { subject, renewal }: Parameters<Company['renew']>[0],
): Promise<Renewed> {
  let provider: Provider;
  try {
    provider = await open();
  } catch (error) {
    return { kind: 'unknown', error: mapProviderError(error, names.issuer), renewal: null, isSpent: false };
  }
  let tokens: Tokens;
  try {
    tokens = await provider.client.refreshTokenGrant(provider.configuration, renewal.reveal());
  } catch (error) {
    return judgeRefusal(error, names.issuer);
  }
  const next = wrapRenewal(tokens.refresh_token);
  try {
    const principal = await readAgain({ subject, tokens, provider, names });
    return principal === 'disabled'
      ? { kind: 'gone' }
      : { kind: 'there', principal, renewal: next ?? renewal };
  } catch (error) {
    return { kind: 'unknown', error: mapProviderError(error, names.issuer), renewal: next, isSpent: false };
  }
}

async function readAgain(answer: {
  readonly subject: string;
  readonly tokens: Tokens;
  readonly provider: Provider;
  readonly names: RenewParts['names'];
}) {
  const { subject, tokens, provider, names } = answer;
  const sub = subject.replace(/^oidc:/, '');
  const claims = tokens.id_token ? await provider.verifier.verify(tokens.id_token) : { sub };
  if (claims.sub !== sub) {
    throw fail('provider_failed', { issuer: names.issuer, why: 'it answered about somebody else' });
  }
  return readPerson({ claims, tokens, provider, names });
}

function judgeRefusal(error: unknown, issuer: string): Renewed {
  if (isInvalidGrant(error)) return { kind: 'gone' };
  return {
    kind: 'unknown',
    error: mapProviderError(error, issuer),
    renewal: null,
    isSpent: !isUntouched(error),
  };
}

/** RFC 6749 §5.2: status 400 and a JSON document that says so; nothing else counts. */
function isInvalidGrant(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('error' in error) || !('status' in error))
    return false;
  return (
    error.code === 'OAUTH_RESPONSE_BODY_ERROR' && error.status === 400 && error.error === 'invalid_grant'
  );
}

const NEVER_SENT: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];
const NOT_NOW = /^HTTP (429|503)$/;

/** Did the provider surely not act? Every other answer may have been lost after it did. */
function isUntouched(error: unknown): boolean {
  const trouble = judgeError(error);
  if (trouble.kind === 'refused') return true;
  if (trouble.kind !== 'away') return false;
  const cause = trouble.known?.cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return NEVER_SENT.includes(code) || NOT_NOW.test(trouble.why);
}

export function wrapRenewal(token: string | undefined): Secret | null {
  return token === undefined || token === '' ? null : new Secret(token);
}
