import { fail } from '../../../core/errors.ts';
import type { Connection } from '../connection.ts';
import type { Refusal } from '../judge-error.ts';
import { readDemand } from '../login-demand.ts';

const LONGEST = 200;

/**
 * What the browser brought must be this provider's: `iss` is compared wherever it is there, and missing only where the
 * metadata promises none (RFC 9207 §2.4). What the provider refused is given to `refuse`.
 */
export function requireProviderCode(
  { searchParams }: URL,
  context: { readonly connection: Connection; readonly refuse: (refusal: Refusal) => Error },
): void {
  const metadata = context.connection.configuration.serverMetadata();
  const { issuer, authorization_response_iss_parameter_supported: isPromised } = metadata;
  const from = searchParams.get('iss');
  if (from === null ? isPromised === true : from !== issuer)
    throw fail('bad_answer', { address: issuer, why: 'what the browser brought is from another issuer' });
  const read = (name: string): string => (searchParams.get(name) ?? '').slice(0, LONGEST);
  const error = read('error');
  if (error === '') return;
  throw context.refuse({
    error,
    description: read('error_description'),
    demand: readDemand((name) => searchParams.get(name) ?? undefined),
  });
}
