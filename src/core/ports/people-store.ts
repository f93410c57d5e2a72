import type { Principal } from '../principal.ts';
import type { Instant } from '../time.ts';

/** Somebody who logged in through the company's provider. */
export type KnownPerson = Principal & {
  /** When the provider last vouched for groups and name. */
  readonly refreshedAt: Instant;
  /** The provider said that this account is no more; kept, so that no old session finds it alive again. */
  readonly leftAt: Instant | null;
  /** The provider's refresh token, encrypted by the caller; null where it gave none. */
  readonly renewal: string | null;
};

/** Somebody who left at that moment, and of whom something may be left: until everything was taken. */
export type Leaving = { readonly subject: string; readonly leftAt: Instant };

export type ChannelLink = {
  readonly channel: string;
  /** The person's id there, with whatever makes it unique: a Slack team and user. */
  readonly externalId: string;
  readonly subject: string;
  readonly linkedAt: Instant;
};

/** People that another system vouches for, and who they are on channels. */
export interface PeopleStore {
  /**
   * MUST change nothing where the provider vouched for the person later than this one says, or where the person left
   * since then: an answer that was long on its way brings nobody back. Nor does a new one before the leaving has ended: what is
   * left of it would come back too. Whoever left keeps no refresh token.
   */
  put(person: KnownPerson): Promise<void>;
  find(subject: string): Promise<KnownPerson | undefined>;
  /** Those who have not left, by name. */
  list(): Promise<readonly KnownPerson[]>;
  /**
   * Those who have not left, can be asked about by a `renewal`, and were last vouched for before then; longest ago first.
   * `after`: only those behind this one in that order, who need not be in it any more.
   */
  listStale(stale: {
    readonly before: Instant;
    readonly after?: Pick<KnownPerson, 'subject' | 'refreshedAt'> | undefined;
    readonly limit: number;
  }): Promise<readonly KnownPerson[]>;
  /** Compare-and-set: true for exactly one caller. The refresh token goes, and their leaving begins, in the same moment. */
  markLeft(subject: string, at: Instant): Promise<boolean>;
  /** Every leaving that began and has not ended, the oldest first. */
  listLeaving(): Promise<readonly Leaving[]>;
  /** Everything was taken that there was. MUST change nothing where it is not the leaving of that moment any more. */
  endLeaving(leaving: Leaving): Promise<void>;
  /** An id on a channel is one person's: linking it again moves it. */
  link(link: ChannelLink): Promise<void>;
  findLinked(channel: string, externalId: string): Promise<ChannelLink | undefined>;
  /** Every link of the account goes: they are logins that lasted. Resolves with how many there were. */
  unlink(subject: string): Promise<number>;
}
