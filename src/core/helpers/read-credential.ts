import type { Credential } from '../credential.ts';
import { type Instant, parseInstant } from '../time.ts';
import type { HeldSecret } from '../wire/held-secret.ts';
import type { HelperOrder } from './helper.ts';

/** What a credential sets a variable to, in whatever way; revealed. */
export function findVariable(credential: Credential, name: string): string | undefined {
  const { environment, secretEnvironment, secretFiles } = credential;
  const file = secretFiles.find(({ instead }) => instead.variable === name);
  return secretEnvironment[name]?.reveal() ?? file?.instead.value.reveal() ?? environment[name];
}

/** Does the target understand the token itself, sent by whoever has it? */
export function isBearer({ terms, credential }: HeldSecret): boolean {
  const isOwn = credential.secretFiles.length > 0 || Object.keys(credential.secretEnvironment).length > 0;
  return !isOwn && !terms?.boundTo;
}

/** The grant's end, or what ends before it. */
export function findEnd({ grant }: HelperOrder, ends: readonly (string | Instant | undefined)[]): Instant {
  const known = ends.map((end) => (typeof end === 'string' ? parseInstant(end) : end));
  return Math.min(grant.expiresAt, ...known.filter((end) => end !== undefined));
}
