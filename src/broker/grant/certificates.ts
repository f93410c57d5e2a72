import { fail } from '../../core/errors.ts';
import { type Grant, isGrantUsable } from '../../core/grant.ts';
import type { CertificateAuthority, SignedCertificate } from '../../core/ports/certificates.ts';
import { isSamePrincipal } from '../../core/principal.ts';
import type { Instant } from '../../core/time.ts';
import { buildEvent } from '../events.ts';
import { type Asker, type Broker, requireConnector } from '../parts.ts';

export type CertificateWish = {
  readonly asker: Asker;
  readonly grantId: string;
  /** Of the holder's machine: `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
};

/** What certificates a target takes; `not_found` for one that takes none, like for one that is not there. */
export function requireAuthority(broker: Pick<Broker, 'connectors'>, target: string): CertificateAuthority {
  const authority = broker.connectors.get(target)?.certificates;
  if (authority) return authority;
  throw fail('not_found', { what: `certificate authority of ${target}` });
}

/**
 * Signs for the holder of a usable grant. The use is recorded before the grant is looked at again: whoever ends it
 * after that look knows until when what is signed here is good.
 */
export async function signCertificate(broker: Broker, wish: CertificateWish): Promise<SignedCertificate> {
  const held = await requireUsable(broker, wish);
  const authority = requireAuthority(broker, held.target);
  const at = broker.clock.now();
  await broker.store.recordUse(held.id, at);
  const grant = await requireUsable(broker, wish);
  const signed = await authority.sign({
    grantId: grant.id,
    holder: grant.heldBy.name,
    scopes: grant.scopes,
    publicKey: wish.publicKey,
    address: wish.asker.ip,
    at,
    expiresAt: grant.expiresAt,
  });
  await recordCertificate(broker, { grant, signed, address: wish.asker.ip });
  return signed;
}

/** Until when what was signed for a grant is good, where that is later than now; else null. */
export function findLingering(
  broker: Pick<Broker, 'connectors'>,
  grant: Grant,
  now: Instant,
): Instant | null {
  const authority = requireConnector(broker, grant.target).certificates;
  if (!authority || grant.lastUsedAt === null) return null;
  const until = Math.min(grant.lastUsedAt + findLifetimeMs(authority, grant.lastUsedAt), grant.expiresAt);
  return until > now ? until : null;
}

function findLifetimeMs({ lifetimeMs, earlier }: CertificateAuthority, at: Instant): number {
  return earlier && at < earlier.until ? Math.max(earlier.lifetimeMs, lifetimeMs) : lifetimeMs;
}

async function requireUsable(
  broker: Broker,
  { asker, grantId }: Pick<CertificateWish, 'asker' | 'grantId'>,
): Promise<Grant> {
  const grant = await broker.store.readGrant(grantId);
  if (!grant || !isSamePrincipal(asker.principal, grant.heldBy))
    throw fail('not_found', { what: `grant ${grantId}` });
  if (isGrantUsable(grant, broker.clock.now())) return grant;
  throw fail('no_grant', { why: `${grant.id} ${describeState(grant)}` });
}

function describeState({ state, endedBecause }: Grant): string {
  if (state === 'provisioning') return 'is not delivered yet';
  return endedBecause === null ? 'has ended (expired)' : `has ended (${endedBecause})`;
}

type Signed = { readonly grant: Grant; readonly signed: SignedCertificate; readonly address: string };

// Before it is handed out: what nobody recorded, nobody holds.
async function recordCertificate(broker: Broker, { grant, signed, address }: Signed): Promise<void> {
  const { keyId, serial, principals, validAfterAt, validBeforeAt } = signed;
  await broker.store.commit({
    event: buildEvent(broker, {
      kind: 'grant.certificate_signed',
      actor: grant.heldBy.subject,
      requestId: grant.requestId,
      grantId: grant.id,
      detail: {
        key_id: keyId,
        serial,
        principals,
        address,
        valid_after: validAfterAt,
        valid_before: validBeforeAt,
      },
    }),
  });
}
