import type { WorkloadRule } from '../../../core/config.ts';
import { ASSERTION_TOLERANCE_SECONDS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Outgoing } from '../../../core/ports/outgoing.ts';
import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { type Assertion, decodeAssertion, findRule, judgeTimes } from './assertion.ts';
import { createIssuerKeys } from './issuer-keys.ts';

export type WorkloadParts = {
  readonly rules: readonly WorkloadRule[];
  readonly createOutgoing: (urls: readonly string[]) => Outgoing;
};

export type ExchangeOptions = WorkloadParts & {
  readonly protocol: Pick<ProtocolStore, 'insertOnce' | 'find'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Who the token stands for and until when, or what is wrong with it. */
export type Exchanged =
  | {
      readonly kind: 'good';
      readonly rule: WorkloadRule;
      readonly expiresAt: Instant;
      readonly claimedSubject: string;
      /** False where it came with another key before; the first key has it from then on. */
      readonly claimFor: (thumbprint: string) => Promise<boolean>;
    }
  /** Where its issuer did sign it, whoever sent it may know what is wrong. */
  | { readonly kind: 'refused'; readonly why: string };

/** Judges a workload's token, and writes nothing down; throws `provider_failed` while its issuer cannot be asked for keys. */
export type Exchange = (token: string) => Promise<Exchanged>;

/** One answer for all that no known issuer signed for jit: it helps nobody to find out how far they came (TOK-01). */
const UNKNOWN: Exchanged = { kind: 'refused', why: 'no issuer of the configuration made it for this server' };

export function createExchange(options: ExchangeOptions): Exchange {
  const { rules, clock } = options;
  const issuers = new Map(
    [...new Set(rules.map((rule) => rule.issuer))].map((issuer) => [
      issuer,
      createIssuerKeys({ ...options, issuer }),
    ]),
  );
  return async (token) => {
    const assertion = decodeAssertion(token);
    const isForUs = assertion && rules.some((rule) => isMeant(rule, assertion));
    const keys = isForUs ? issuers.get(assertion.issuer) : undefined;
    if (!assertion || !keys || !(await keys.verify(token))) return UNKNOWN;
    const times = judgeTimes(assertion.claims, clock.now());
    if (typeof times === 'string') return { kind: 'refused', why: times };
    const rule = findRule(rules, assertion);
    if (!rule) return { kind: 'refused', why: 'its claims fit no rule, or more than one' };
    return {
      kind: 'good',
      rule,
      ...times,
      claimedSubject: String(assertion.claims.sub),
      claimFor: (thumbprint) => isOfKey(assertion, { ...options, ...times, thumbprint }),
    };
  };
}

function isMeant(rule: WorkloadRule, { issuer, audience }: Assertion): boolean {
  return rule.issuer === issuer && rule.audience === audience;
}

/** With the key that it first came with. */
const TOKEN = 'JitAssertion';
/** Where the version before wrote that key, in a row of its own. */
const OLD_KEY = 'JitAssertionKey';

type Presented = Pick<ExchangeOptions, 'protocol'> & {
  readonly expiresAt: Instant;
  readonly thumbprint: string;
};

/** A token belongs to the key that it first came with: whoever reads it elsewhere later cannot use it. */
async function isOfKey(
  { issuer, id: name }: Assertion,
  { protocol, expiresAt: endsAt, thumbprint }: Presented,
): Promise<boolean> {
  const id = `${issuer}\n${name}`;
  const expiresAt = endsAt + ASSERTION_TOLERANCE_SECONDS * SECOND_MS;
  const word = { id, payload: { jkt: thumbprint }, expiresAt };
  if (await protocol.insertOnce({ ...word, kind: TOKEN })) {
    // A server of the version before, beside this one, looks for the key there.
    await protocol.insertOnce({ ...word, kind: OLD_KEY, isBrief: true });
    return true;
  }
  const first = (await protocol.find(TOKEN, id))?.payload.jkt;
  return (first ?? (await protocol.find(OLD_KEY, id))?.payload.jkt) === thumbprint;
}
