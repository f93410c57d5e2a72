import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { fail } from '../../../core/errors.ts';
import type { CertificateOrder, SignedCertificate } from '../../../core/ports/certificates.ts';
import type { Scope } from '../../../core/scope.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { SshAuthority } from './authority.ts';
import { buildCertificate } from './certificate.ts';

/** What a target's clock may be behind the server's. */
const BEFORE_MS = 30 * SECOND_MS;
const KEY_BYTES = 32;

/** No certificate is good for longer, whatever is configured: so long access may outlive its grant. */
export const LONGEST_CERTIFICATE_MS = 120 * SECOND_MS;

export type SigningRules = {
  readonly name: string;
  readonly lifetimeMs: number;
  readonly principals: Readonly<Record<Scope, readonly string[]>>;
  readonly isBoundToAddress: boolean;
  readonly extensions: readonly string[];
};

/** Signs what a grant's holder may be at the target: the principals of its scopes, from now to its end or two minutes. */
export function signOrder(
  rules: SigningRules,
  order: CertificateOrder,
  authority: SshAuthority,
): SignedCertificate {
  const principals = listPrincipals(rules, order.scopes);
  const serial = randomBytes(8).readBigUInt64BE();
  const keyId = `${order.grantId} ${order.holder.replaceAll(/[^\w.@+-]/g, '_')}`;
  const validAfterAt = order.at - BEFORE_MS;
  const validBeforeAt = Math.min(order.at + rules.lifetimeMs, order.expiresAt);
  const fields = {
    publicKey: Buffer.from(order.publicKey.split(' ')[1] ?? '', 'base64').subarray(-KEY_BYTES),
    sourceAddress: rules.isBoundToAddress ? requireAddress(rules, order.address) : null,
    extensions: rules.extensions,
  };
  const certified = { serial, keyId, principals, validAfterAt, validBeforeAt };
  const certificate = buildCertificate({ ...fields, ...certified }, authority);
  return { ...certified, certificate, serial: String(serial) };
}

function listPrincipals(
  { name, principals }: SigningRules,
  scopes: readonly Scope[],
): readonly [string, ...string[]] {
  const [first, ...others] = new Set(scopes.flatMap((scope) => principals[scope] ?? []));
  if (first !== undefined) return [first, ...others];
  throw fail('target_failed', { target: name, why: 'its configuration names no principal for these scopes' });
}

/** Bound to an address that is none, it would be good from everywhere or nowhere. */
function requireAddress({ name }: SigningRules, address: string): string {
  if (isIP(address) !== 0 && !address.includes('%')) return address;
  throw fail('target_failed', {
    target: name,
    why: 'it wants to know the address you come from, and none was seen',
  });
}
