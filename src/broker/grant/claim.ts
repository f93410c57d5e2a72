import { isSameValue } from '../../core/audit/digest.ts';
import type { Decision } from '../../core/decision.ts';
import { fail } from '../../core/errors.ts';
import { type Grant, isGrantOf, isGrantUsable } from '../../core/grant.ts';
import { findMissing, isComplete } from '../../core/quorum.ts';
import type { AccessRequest } from '../../core/request.ts';
import { findLoginDemand } from '../../core/step-up.ts';
import { SECOND_MS } from '../../core/time.ts';
import { decide } from '../decide.ts';
import type { Asker, Broker } from '../parts.ts';
import { describeSettled, lapse, requireOwnRequest } from '../request/requests.ts';
import { type Audience, gatherAudience, type ServingBroker } from './audience.ts';
import type { Delivery } from './delivery.ts';
import { claimExtension } from './extend.ts';
import { recordIntent } from './intent.ts';
import { deliver, provision } from './provision.ts';
import { signAgain } from './sign-again.ts';

export type ClaimWhat = {
  /** Of a grant that lives: its token again, and nothing new at its target. */
  readonly tokenOnly?: boolean;
  /** Aborted when the caller leaves before it has its answer. */
  readonly gone?: AbortSignal;
};

export type Claim = (asker: Asker, requestId: string, what?: ClaimWhat) => Promise<Delivery>;

/**
 * Claims an approved request, or delivers its grant again. Callers that come while the same person is being served
 * in the same session share the answer; others wait for their turn, so that no two make passwords at the same moment.
 */
export function createClaim(broker: Broker): Claim {
  const running = new Map<string, Running>();
  const last = new Map<string, Promise<unknown>>();
  return (asker, requestId, { tokenOnly = false, gone } = {}) => {
    const key = JSON.stringify([requestId, asker, tokenOnly]);
    const known = running.get(key);
    const audience = known?.audience ?? gatherAudience();
    audience.join(gone);
    if (known) return known.answer;
    const before = last.get(requestId) ?? Promise.resolve();
    const started = before
      .then(() => serve({ ...broker, isThere: audience.isThere }, { asker, requestId, tokenOnly }))
      .finally(() => running.delete(key));
    const settled: Promise<unknown> = started
      .catch(() => {})
      .finally(() => {
        if (last.get(requestId) === settled) last.delete(requestId);
      });
    running.set(key, { answer: started, audience });
    last.set(requestId, settled);
    return started;
  };
}

type Running = { readonly answer: Promise<Delivery>; readonly audience: Audience };

type Order = { readonly asker: Asker; readonly requestId: string; readonly tokenOnly: boolean };

function serve(broker: ServingBroker, { asker, requestId, tokenOnly }: Order): Promise<Delivery> {
  const { keyThumbprint } = asker;
  const signer = { sign: (grant: Grant) => broker.signer.sign(grant, keyThumbprint) };
  const own = { ...broker, signer };
  return tokenOnly ? claimToken(own, asker, requestId) : claim(own, asker, requestId);
}

async function claim(broker: ServingBroker, asker: Asker, requestId: string): Promise<Delivery> {
  const request = await requireOwnRequest(broker, asker, requestId);
  if (request.state === 'claimed') return redeliver(broker, asker, request);
  if (request.state !== 'approved') throw describeSettled(request);
  requireTrustedClock(broker);
  if (await lapse(broker, request)) return claim(broker, asker, requestId);
  const decision = findJustDecided(broker, asker, request) ?? requireStillAllowed(broker, asker, request);
  const demand = findLoginDemand(asker.login, decision.obligations, broker.clock.now());
  if (demand) throw fail('step_up_needed', { demand });
  if (request.extendsGrantId !== null) return claimExtension(broker, request);
  const intent = await recordIntent(broker, request);
  return intent ? provision(broker, intent) : claim(broker, asker, requestId);
}

/** S10: no end is promised by a clock that is wrong, or may be. What is held ends, and is taken away, all the same. */
function requireTrustedClock({ clock }: Broker): void {
  const health = clock.readHealth?.();
  if (health && !health.isTrusted)
    throw fail('server_clock_wrong', { offsetSeconds: Math.round(health.offsetMs / SECOND_MS) });
}

/** The next token of a grant, for its holder. */
async function claimToken(broker: Broker, asker: Asker, requestId: string): Promise<Delivery> {
  const request = await requireOwnRequest(broker, asker, requestId);
  if (request.state === 'approved') throw fail('no_grant', { why: `${requestId} is not claimed yet` });
  if (request.state !== 'claimed') throw describeSettled(request);
  return signAgain(
    broker,
    request,
    requireGoingOn(broker, { asker, request, grant: await readGrantOf(broker, request) }),
  );
}

function readGrantOf(broker: Broker, { grantId }: AccessRequest): Promise<Grant | undefined> {
  return grantId === null ? Promise.resolve(undefined) : broker.store.readGrant(grantId);
}

type Found = {
  readonly asker: Asker;
  readonly request: AccessRequest;
  readonly grant: Grant | undefined;
};

/** The grant, where it lives, is what the request asked for, and policy still allows it. */
function requireGoingOn(broker: Broker, { asker, request, grant }: Found): Grant {
  if (!grant || !isGrantUsable(grant, broker.clock.now())) throw describeEnded(request, grant);
  if (!isGrantOf(request, grant))
    throw fail('failed', { why: `${grant.id} is not what ${request.id} asked for` });
  requireStillAllowed(broker, asker, request);
  return grant;
}

async function redeliver(broker: ServingBroker, asker: Asker, request: AccessRequest): Promise<Delivery> {
  const grant = requireGoingOn(broker, { asker, request, grant: await readGrantOf(broker, request) });
  const again = request.extendsGrantId === null ? deliver : signAgain;
  return again(broker, request, grant);
}

/** Policy is asked again at this moment (APR-04): a group left or a freeze begun since the approval counts. */
function requireStillAllowed(broker: Broker, asker: Asker, request: AccessRequest): Decision {
  const decision = decide(broker, asker, request);
  const missing = findMissing(request.reviews, decision.obligations, request.escalatedAt !== null);
  if (decision.outcome === 'automatic') return decision;
  if (decision.outcome === 'needs_people' && isComplete(missing)) return decision;
  throw fail('denied', { id: request.id, why: decision.reasons.join('; ') || 'policy no longer allows it' });
}

/** What policy granted is claimed in the same breath, and asking the same of it twice is most of what a claim costs. */
const SAME_BREATH_MS = SECOND_MS;

/** The answer to this very question, of the same policy about the same person and login, where it is not a second old. */
function findJustDecided(broker: Broker, asker: Asker, request: AccessRequest): Decision | null {
  const { decision, createdAt, origin, requestedBy, reviews } = request;
  const ageMs = broker.clock.now() - createdAt;
  if (decision?.outcome !== 'automatic' || reviews.length > 0) return null;
  if (decision.policyVersion !== broker.policy.version || ageMs < 0 || ageMs > SAME_BREATH_MS) return null;
  const asked = { origin, requestedBy };
  const asks = { origin: { ip: asker.ip, login: asker.login }, requestedBy: asker.principal };
  return isSameValue(asked, asks) ? decision : null;
}

function describeEnded(request: AccessRequest, grant: Grant | undefined): Error {
  if (!grant?.endedBecause) return describeSettled(request);
  return fail('no_grant', { why: `${grant.id} has ended (${grant.endedBecause})` });
}
