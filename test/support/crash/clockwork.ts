import { signCertificate } from '../../../src/broker/grant/certificates.ts';
import { reviewAfterwards } from '../../../src/broker/review/review-afterwards.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { AuditEventKind } from '../../../src/core/audit/event.ts';
import { hasCode } from '../../../src/core/errors.ts';
import type { CertificateOrder, SignedCertificate } from '../../../src/core/ports/certificates.ts';
import { dev, lead, other, runDue, type TestBroker } from '../broker.ts';
import { approveNow, denyNow } from '../reviews/reviewing.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
const EMERGENCY = { breakGlass: true, reason: 'INC-4211 the shop is down and nobody is awake' };

/** What a server does by itself as time goes by, or with a reviewer. */
export type Clockwork = {
  /** How it stands, in a broker whose policy wants people, and how much later it is when it is cut. */
  readonly prepare: (broker: TestBroker) => Promise<unknown>;
  readonly afterMs: number;
  /** Left out: all that is due. */
  readonly act?: (broker: TestBroker) => Promise<unknown>;
  /** On record once in the end. */
  readonly once: readonly AuditEventKind[];
  /** Some of the fail points that there must be. */
  readonly passes: readonly string[];
};

async function claimAtOnce(broker: TestBroker): Promise<string> {
  broker.policy.outcome = 'automatic';
  return (await broker.claim(dev, (await broker.ask()).id)).grant.id;
}

async function giveBackInVain(broker: TestBroker): Promise<void> {
  const grantId = await claimAtOnce(broker);
  broker.target.failAt('remove', 'connection refused');
  await revoke(broker, { asker: dev, grantId, because: 'done' });
}

function buildCertificate({ at, expiresAt }: CertificateOrder): SignedCertificate {
  const validBeforeAt = Math.min(at + MINUTE_MS, expiresAt);
  const what = { certificate: 'ssh-ed25519-cert AAAA', keyId: 'key', serial: '1', principals: ['dev'] };
  return { ...what, validAfterAt: at, validBeforeAt };
}

async function findAsked(broker: TestBroker) {
  const [request] = await broker.store.listRequests({ limit: 1 });
  if (!request) throw new Error('nobody asked');
  return request;
}

export const CLOCKWORK: Readonly<Record<string, Clockwork>> = {
  'a request about which people are called': {
    prepare: (broker) => broker.ask(),
    afterMs: 20 * MINUTE_MS,
    once: ['request.reminded', 'request.escalated', 'request.lapsed'],
    passes: [
      'before request.reminded',
      'after request.reminded',
      'before request.escalated',
      'after taking escalate',
    ],
  },
  'a request that is decided before people are called': {
    prepare: async (broker) => denyNow(broker, await broker.ask()),
    afterMs: 20 * MINUTE_MS,
    once: ['request.denied'],
    passes: ['before finishing remind', 'after finishing remind', 'before finishing escalate'],
  },
  'the first of two reviews': {
    prepare: (broker) => {
      broker.policy.obligations = { ...broker.policy.obligations, approvals: 2 };
      return broker.ask();
    },
    afterMs: 0,
    act: async (broker) => {
      const request = await findAsked(broker);
      // Asked again, it is known already.
      for (const asker of [lead, other]) await approveNow(broker, request, { asker }).catch(requireKnown);
    },
    once: ['request.reviewed', 'request.approved'],
    passes: ['before request.reviewed', 'after request.reviewed', 'before request.approved'],
  },
  'a review of one’s own request': {
    prepare: (broker) => {
      broker.policy.may = () => true;
      return broker.ask({}, lead);
    },
    afterMs: 0,
    act: async (broker) => {
      const request = await findAsked(broker);
      if (request.state === 'pending') await approveNow(broker, request, { asker: lead }).catch(requireKnown);
      await approveNow(broker, request, { asker: other }).catch(requireKnown);
    },
    once: ['request.approved'],
    passes: ['before request.review_refused', 'after request.review_refused'],
  },
  'break-glass that nobody looked at': {
    prepare: async (broker) => {
      broker.policy.outcome = 'automatic';
      const { id } = await broker.ask(EMERGENCY);
      await broker.claim(dev, id);
    },
    afterMs: 25 * HOUR_MS,
    once: ['request.review_overdue'],
    passes: ['after taking overdue', 'before request.review_overdue', 'after request.review_overdue'],
  },
  'break-glass that nobody claimed': {
    prepare: (broker) => {
      broker.policy.outcome = 'automatic';
      return broker.ask(EMERGENCY);
    },
    afterMs: 25 * HOUR_MS,
    once: ['request.lapsed'],
    passes: ['after taking lapse', 'before request.lapsed', 'after request.lapsed'],
  },
  'break-glass that somebody looks at': {
    prepare: async (broker) => {
      broker.policy.outcome = 'automatic';
      await broker.claim(dev, (await broker.ask(EMERGENCY)).id);
    },
    afterMs: 0,
    act: async (broker) => {
      const { id: requestId } = await findAsked(broker);
      const look = { asker: lead, requestId, way: 'page', outcome: 'accepted', reason: 'it was' } as const;
      await reviewAfterwards(broker, look).catch(requireKnown);
    },
    once: ['request.reviewed_afterwards'],
    passes: ['before request.reviewed_afterwards', 'after request.reviewed_afterwards'],
  },
  'a removal that fails': {
    prepare: giveBackInVain,
    afterMs: 15 * MINUTE_MS,
    once: ['grant.revoking', 'grant.ended'],
    passes: ['after taking remove', 'before grant.revocation_failed', 'after grant.revocation_failed'],
  },
  'a removal that is overdue': {
    prepare: async (broker) => {
      await giveBackInVain(broker);
      await broker.runDue();
    },
    afterMs: 6 * MINUTE_MS,
    once: ['grant.ended'],
    passes: [
      'after a try',
      'after taking alarm',
      'before grant.revocation_overdue',
      'after grant.revocation_overdue',
    ],
  },
  'a certificate, and its end after the grant’s': {
    prepare: async (broker) => {
      const address = { host: 'web.example.com', port: 22 };
      const sign = async (order: CertificateOrder) => buildCertificate(order);
      const certificates = {
        address,
        lifetimeMs: MINUTE_MS,
        readAuthority: async () => 'ssh-ed25519 AAAA',
        sign,
      };
      Object.assign(broker.target, { certificates });
      await claimAtOnce(broker);
    },
    afterMs: 0,
    act: async (broker) => {
      const [grant] = await broker.store.listGrants({ limit: 1 });
      const grantId = grant?.id ?? '';
      const wish = { asker: dev, grantId, publicKey: 'ssh-ed25519 AAAA' };
      await signCertificate(broker, wish).catch(requireKnown);
      await revoke(broker, { asker: dev, grantId, because: 'done' });
      await runDue(broker);
    },
    once: ['grant.revoking', 'grant.ended'],
    passes: [
      'before a use',
      'before grant.certificate_signed',
      'after grant.certificate_signed',
      'before grant.lingers',
      'after grant.lingers',
    ],
  },
  'a grant that may not be idle': {
    prepare: async (broker) => {
      const seenAt = broker.clock.now() + 10_000;
      Object.assign(broker.target, { activity: async () => seenAt });
      broker.policy.obligations = { ...broker.policy.obligations, idleSeconds: 60 };
      await claimAtOnce(broker);
    },
    afterMs: 15_000,
    once: ['grant.revoking', 'grant.ended'],
    passes: [
      'after taking idle',
      'before a use',
      'after a use',
      'before postponing idle',
      'after postponing idle',
    ],
  },
};

/** What was done already, or may not be done, is told so. */
function requireKnown(error: unknown): void {
  if (!hasCode(error, 'already_decided', 'self_approval', 'already_reviewed', 'no_grant')) throw error;
}
