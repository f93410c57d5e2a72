import * as v from 'valibot';
import type { Credential } from '../credential.ts';
import { credentialMessage, encodeCredential } from './claim.ts';

/** What whoever holds the grant would refuse in its credential, and where; undefined for one that they take. */
export function findCredentialFault(credential: Credential): string | undefined {
  const { issues } = v.safeParse(credentialMessage, encodeCredential(credential));
  const [first] = issues ?? [];
  if (!first) return undefined;
  const place = (first.path ?? []).map(({ key }) => String(key)).join('.');
  return `${place} ${first.message}`;
}
