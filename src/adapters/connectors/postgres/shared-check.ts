import type { Complaint } from '../../../core/config/complaint.ts';
import type { Secret } from '../../../core/secret.ts';
import { findUrlFault, readPlace } from './address.ts';

type Rotating = { readonly url: Secret; readonly rotate_admin?: number | undefined };

/** A password that is replaced for one target is on record for that one: whatever else logs in with it would be locked out. */
export function checkShared(
  { url, rotate_admin }: Rotating,
  others: readonly Rotating[],
): readonly Complaint[] {
  if (rotate_admin === undefined || findUrlFault(url) !== undefined) return [];
  const isShared = others.some((other) => findUrlFault(other.url) === undefined && isSame(url, other.url));
  const why = 'would lock out another target that has the same administrator: give each one of its own';
  return isShared ? [{ path: ['rotate_admin'], why }] : [];
}

function isSame(left: Secret, right: Secret): boolean {
  const [one, other] = [readPlace(left), readPlace(right)];
  return one.host === other.host && one.port === other.port && one.user === other.user;
}
