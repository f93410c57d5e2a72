import type { AuditEvent, AuditEventKind } from '../audit/event.ts';
import type { Grant, GrantState } from '../grant.ts';
import type { Notice } from '../notice.ts';
import type { AccessRequest, RequestState } from '../request.ts';
import type { Instant } from '../time.ts';
import type { Figures } from './figures.ts';

/** A new row, or a row as it was read and as it shall be. `after.version` MUST be `before.version + 1`. */
export type Change<T> = { readonly insert: T } | { readonly before: T; readonly after: T };

export const WORK_KINDS = [
  'lapse',
  'expire',
  'remove',
  'remind',
  'escalate',
  'overdue',
  'deliver',
  'alarm',
  'idle',
] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** Something the server must do at an instant. `id` is `<kind>:<subject id>`: queueing again moves it. */
export type Work = {
  readonly id: string;
  readonly kind: WorkKind;
  readonly requestId: string | null;
  readonly grantId: string | null;
  readonly target: string | null;
  readonly dueAt: Instant;
  readonly attempts: number;
  readonly lastError: string | null;
};

/** Work as somebody has it. `leasedUntil` tells this taker from the one before, whose lease ran out. */
export type TakenWork = Work & { readonly leasedUntil: Instant };

export type WorkChange = { readonly queue: Work } | { readonly finish: string };

/** The same key with the same fingerprint finds the first answer again; with another it is a conflict. */
export type Idempotency = {
  readonly subject: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly requestId: string;
};

/** How many of these one person may have; extensions and break-glass are not counted. */
export type Cap = {
  readonly of: 'open requests' | 'live grants';
  readonly subject: string;
  readonly most: number;
};

/** Everything one step writes: all of it or nothing. */
export type Transition = {
  readonly request?: Change<AccessRequest>;
  readonly grant?: Change<Grant>;
  readonly event: AuditEvent;
  readonly work?: readonly WorkChange[];
  readonly idempotency?: Idempotency;
  /** `lost` where the person would have more than that, however many ask at the same moment. */
  readonly caps?: readonly Cap[];
  /** What people are told of it. Each needs its `deliver` work to be sent. */
  readonly notices?: readonly Notice[];
  /** `lost` where the setting is another by now. */
  readonly setting?: SettingChange;
};

export type RequestFilter = {
  readonly requestedBy?: string;
  readonly states?: readonly RequestState[];
  readonly target?: string;
  /** Break-glass that nobody has looked at yet. */
  readonly isReviewDue?: true;
  readonly limit: number;
};

export type GrantFilter = {
  readonly heldBy?: string;
  readonly states?: readonly GrantState[];
  readonly target?: string;
  readonly limit: number;
};

/** One audit event, as those who follow along are told of it; `position` only grows. */
export type LoggedChange = {
  readonly position: number;
  readonly kind: AuditEventKind;
  readonly at: Instant;
  readonly requestId: string | null;
  readonly grantId: string | null;
};

/** Null: it is not there. */
export type SettingChange = {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** What became of a delivery, and when it is tried again; null: never. */
export type DeliveryRecord = {
  readonly notice: Notice;
  readonly taken: Pick<TakenWork, 'id' | 'leasedUntil'>;
  readonly again: Work | null;
};

/** A revocation that was tried again in vain, and when it is tried next. */
export type AttemptRecord = {
  /** As it was read, but for what is said of its revocation. */
  readonly grant: Grant;
  readonly taken: Pick<TakenWork, 'id' | 'leasedUntil'>;
  readonly again: Work;
};

export type StoreChange = { readonly requestId: string | null; readonly grantId: string | null };

/**
 * The server's memory. `commit` is the only write to requests and grants, and the only one to the audit events.
 * SQL never reads a clock: every instant is a parameter.
 */
export interface Store {
  /**
   * All in one transaction: each change as one conditional update on id, state and version (S1), each allowed by
   * the transition tables, exactly one audit event, the work. Of n callers racing from the same row exactly one
   * MUST get `committed`; the others get `lost`, and nothing of theirs is written. A second not-ended grant for one
   * request, and a used idempotency key, are `lost` too; so is a new open request for what its person has asked for
   * and is still open, or holds (a provisioning or active grant for the same scopes on the same target), and a second
   * open extension of one grant, a second review of one request by the same human, and an update that makes a request
   * the same as another open one. Extensions of it and break-glass are not held against what is held or open. MUST be
   * durable when it resolves. Where there is only room for what ends, everything else MUST be refused with `store_full`
   * (`core/room.ts`); where there is none at all, everything is.
   */
  commit(transition: Transition): Promise<'committed' | 'lost'>;

  readRequest(id: string): Promise<AccessRequest | undefined>;
  /** This and every other read MUST say that it was break-glass where its request was, whoever wrote the row. */
  readGrant(id: string): Promise<Grant | undefined>;
  findGrantByToken(tokenId: string): Promise<Grant | undefined>;
  /** The grant of a request that is not ended; there is at most one. */
  findLiveGrant(requestId: string): Promise<Grant | undefined>;
  /** Of those that have ended, the newest whose credential had this handle at this target; not by looking at all of them. */
  findEndedGrant(credential: {
    readonly target: string;
    readonly handle: string;
  }): Promise<Grant | undefined>;
  /** Newest first. */
  listRequests(filter: RequestFilter): Promise<readonly AccessRequest[]>;
  /** Newest first. */
  listGrants(filter: GrantFilter): Promise<readonly Grant[]>;
  findIdempotent(subject: string, key: string): Promise<Idempotency | undefined>;
  /** In the order in which they were written. */
  listEvents(filter: {
    readonly requestId?: string;
    readonly grantId?: string;
    readonly limit: number;
  }): Promise<readonly AuditEvent[]>;

  /** Changes after a position, in the order in which they were written; what two readers see is the same. */
  listChanges(filter: { readonly after: number; readonly limit: number }): Promise<readonly LoggedChange[]>;
  /** The position of the newest change; 0 where there is none. */
  findPosition(): Promise<number>;

  readNotice(id: string): Promise<Notice | undefined>;
  /** Of these requests, oldest first. */
  listNotices(requestIds: readonly string[]): Promise<readonly Notice[]>;
  /**
   * `lost`, and nothing is written, where somebody else has the work by now, or the notice is settled. One that was accepted
   * is on record whoever has the work: nobody can unsend it, and it is not sent again.
   */
  recordDelivery(record: DeliveryRecord): Promise<'recorded' | 'lost'>;

  /**
   * Due work, leased to the caller until `now + leaseMs`; nobody else gets it meanwhile. Oldest first. Of other kinds than
   * `WORK_KINDS` nothing MUST be given: a later version, on the same database, knows what they are.
   */
  takeWork(options: {
    readonly now: Instant;
    readonly leaseMs: number;
    readonly limit: number;
  }): Promise<readonly TakenWork[]>;
  /**
   * Removes taken work that turned out to need no transition. What was queued anew since it was taken MUST stay, and so
   * MUST what somebody else has taken since, because the lease ran out.
   */
  finishWork(work: Pick<TakenWork, 'id' | 'leasedUntil'>): Promise<void>;
  /** Puts off taken work until `dueAt`, with no transition. What `finishWork` leaves alone MUST stay as it is here too. */
  postponeWork(work: Pick<TakenWork, 'id' | 'leasedUntil'>, dueAt: Instant): Promise<void>;
  /** When the next work is due, or the lease of some runs out; undefined when there is none of the kinds in `WORK_KINDS`. */
  findNextWorkAt(): Promise<Instant | undefined>;
  /** How things stand, for whoever watches the server. */
  readFigures(now: Instant): Promise<Figures>;
  /**
   * Counts a try of a grant that is `revoking` and stays it. No transition, hence no event and no version: the next transition
   * may forget it. `lost`, and nothing is written, where somebody else has the work by now, or the grant is at another version.
   */
  recordAttempt(record: AttemptRecord): Promise<'recorded' | 'lost'>;
  /** The grant was used; only ever moves forward. No transition, hence no event. */
  recordUse(grantId: string, at: Instant): Promise<void>;

  /** The value under a name; the first caller's `make` wins, for everybody, for ever. For ids and keys made at first start. */
  readSetting(name: string, make: () => Promise<string>): Promise<string>;
  /** Those whose names begin with this, by name. */
  listSettings(prefix: string): Promise<readonly { readonly name: string; readonly value: string }[]>;
  /**
   * What the setting was, becomes what it shall be; `lost` where it is another by now, and nothing is written. For what is
   * no event, as a note of what is about to be done; what is one goes with `commit`. MUST be durable when it resolves.
   */
  replaceSetting(change: SettingChange): Promise<'replaced' | 'lost'>;

  /** Calls back after every commit, of this process or another, at the latest after one second. Returns how to stop. */
  changes(listener: (change: StoreChange) => void): () => void;
  close(): Promise<void>;
}
