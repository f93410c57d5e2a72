import type { Clock } from '../../core/ports/clock.ts';
import type { Company, Renewed } from '../../core/ports/company.ts';
import type { Logins } from '../../core/ports/logins.ts';
import type { KnownPerson, Leaving, PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Secret } from '../../core/secret.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { Outage } from '../outage.ts';
import { sealRenewal, unsealRenewal } from './company-people.ts';

const TURN = 'JitRenewalTurn';
const SHOWN = 'JitRenewalShown';
const KEPT_SECONDS = 7 * 86_400;
/** People read at one time, and asked about at one time. */
const READ_AT_ONCE = 500;
const AT_ONCE = 4;

export type RenewalParts = {
  readonly company: Company;
  readonly people: PeopleStore;
  readonly protocol: ProtocolStore;
  readonly logins: Logins;
  readonly clock: Clock;
  readonly secret: Secret;
  readonly refreshSeconds: number;
  /** Is there anything that could be taken from them: a session, a grant? */
  readonly isPresent: (subject: string) => Promise<boolean>;
  /** Everyone who holds access that is live. */
  readonly listHolders: () => Promise<readonly string[]>;
  /** Called for everyone who left, after it was written down; again until it resolves, and while they still hold something. */
  readonly onLeft: (subject: string) => Promise<void>;
  readonly outage: Outage;
  readonly onError: (error: unknown) => void;
};

/**
 * Asks the provider about everyone whose groups are older than `refreshSeconds` and who has something here. First it
 * takes what is left with people who left: whoever took it may have failed in the middle.
 */
export async function renewPeople(parts: RenewalParts, signal?: AbortSignal): Promise<void> {
  await finishLeaving(parts).catch(parts.onError);
  const before = parts.clock.now() - parts.refreshSeconds * SECOND_MS;
  let after: KnownPerson | undefined;
  while (!signal?.aborted) {
    const some = await parts.people.listStale({ before, after, limit: READ_AT_ONCE });
    after = some.at(-1);
    if (!after) return;
    await renewSome(parts, { some, signal });
  }
}

type Some = { readonly some: readonly KnownPerson[]; readonly signal: AbortSignal | undefined };

/** Those who do not come any more stay as old as they are: whoever is behind them has their turn in the same round. */
async function renewSome(parts: RenewalParts, { some, signal }: Some): Promise<void> {
  const waiting = [...some];
  const work = async (): Promise<void> => {
    for (let person = waiting.shift(); person && !signal?.aborted; person = waiting.shift()) {
      await renewPerson(parts, person).catch(parts.onError);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function renewPerson(parts: RenewalParts, person: KnownPerson): Promise<void> {
  const { protocol, clock, company, secret } = parts;
  const { subject, renewal } = person;
  if (renewal === null || !(await parts.isPresent(subject)) || !(await takeTurn(parts, subject))) return;
  // Its first showing is written down before it is shown: one whose answer was lost may be used up by that.
  const expiresAt = clock.now() + KEPT_SECONDS * SECOND_MS;
  const isFirst = await protocol.insertOnce({ kind: SHOWN, id: renewal, expiresAt });
  const renewed = await company.renew({ subject, renewal: unsealRenewal(secret, renewal) });
  // Somebody who logged in meanwhile is there, whatever became of the older login.
  const now = await parts.people.find(subject);
  if (!now || now.leftAt !== null || now.renewal !== renewal) return;
  await settle(parts, { person: now, renewal, renewed, isFirst });
}

type Asked = {
  readonly person: KnownPerson;
  readonly renewal: string;
  readonly renewed: Renewed;
  readonly isFirst: boolean;
};

async function settle(parts: RenewalParts, { person, renewal, renewed, isFirst }: Asked): Promise<void> {
  const { people, clock, secret, outage } = parts;
  if (renewed.kind === 'unknown') {
    outage.failed(renewed.error);
    if (renewed.renewal) await people.put({ ...person, renewal: sealRenewal(secret, renewed.renewal) });
    else if (isFirst && !renewed.isSpent) await parts.protocol.remove(SHOWN, renewal);
    return;
  }
  outage.worked();
  if (renewed.kind === 'there') {
    const { principal } = renewed;
    const sealed = sealRenewal(secret, renewed.renewal);
    return people.put({ ...principal, refreshedAt: clock.now(), leftAt: null, renewal: sealed });
  }
  if (isFirst) return leave(parts, person.subject);
  await people.put({ ...person, renewal: null });
  await parts.logins.endAll(person.subject, 'the login could not be renewed');
}

async function leave(parts: RenewalParts, subject: string): Promise<void> {
  const leftAt = parts.clock.now();
  if (await parts.people.markLeft(subject, leftAt)) await takeAll(parts, { subject, leftAt });
}

async function takeAll({ people, onLeft }: RenewalParts, leaving: Leaving): Promise<void> {
  await onLeft(leaving.subject);
  await people.endLeaving(leaving);
}

async function finishLeaving(parts: RenewalParts): Promise<void> {
  const { people, listHolders, onLeft, onError } = parts;
  const begun = await people.listLeaving();
  for (const leaving of begun) await takeAll(parts, leaving).catch(onError);
  const tried = new Set(begun.map(({ subject }) => subject));
  // What was made for them at the same moment, or what a server of an older version left.
  for (const subject of await listHolders()) {
    if (tried.has(subject)) continue;
    const person = await people.find(subject);
    if (person && person.leftAt !== null) await onLeft(subject).catch(onError);
  }
}

/** One replica asks about a person in each period. */
function takeTurn({ protocol, clock, refreshSeconds }: RenewalParts, subject: string): Promise<boolean> {
  const periodMs = (refreshSeconds * SECOND_MS) / 2;
  const period = Math.floor(clock.now() / periodMs);
  return protocol.insertOnce({ kind: TURN, id: `${subject}\n${period}`, expiresAt: (period + 1) * periodMs });
}

/** Rounds, as long as the server runs. */
export function startRenewals(parts: RenewalParts): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const everyMs = Math.max(1, Math.min(60, parts.refreshSeconds / 4)) * SECOND_MS;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await renewPeople(parts, stopping.signal).catch(parts.onError);
      await parts.clock.sleep(everyMs, stopping.signal);
    }
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
