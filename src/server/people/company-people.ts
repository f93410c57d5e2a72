import { fail } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { CompanyLogin } from '../../core/ports/company.ts';
import type { Directory } from '../../core/ports/directory.ts';
import type { KnownPerson, PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Principal } from '../../core/principal.ts';
import { Secret } from '../../core/secret.ts';
import { SECOND_MS } from '../../core/time.ts';
import { sealText, unsealText } from '../oauth/tokens/sealed-text.ts';

const PURPOSE = 'renewals of logins';
const SEEN = 'JitPersonSeen';

export type CompanyPeopleOptions = {
  readonly people: PeopleStore;
  readonly protocol: ProtocolStore;
  readonly clock: Pick<Clock, 'now'>;
  /** Seals what the provider gave to ask again with. */
  readonly secret: Secret;
  readonly sessionSeconds: number;
};

/** The people whom the company's provider vouched for. */
export type CompanyPeople = {
  /** For finding who is there, and to say who could approve: there are always more than were seen here. */
  readonly directory: Directory;
  /** A login is remembered before its session is there. `lost_race` for who left, while what they had is being taken. */
  remember(login: CompanyLogin): Promise<void>;
  /** Could a session of theirs still go on? */
  mayHaveSession(subject: string): Promise<boolean>;
};

export function createCompanyPeople(options: CompanyPeopleOptions): CompanyPeople {
  const { people, protocol, clock, secret, sessionSeconds } = options;
  return {
    directory: {
      isComplete: false,
      list: async () => (await people.list()).map(toPrincipal),
      async find(subject) {
        const person = await people.find(subject);
        return person && person.leftAt === null ? toPrincipal(person) : undefined;
      },
    },
    async remember({ principal, renewal }) {
      const now = clock.now();
      const sealed = renewal && sealRenewal(secret, renewal);
      await people.put({ ...principal, refreshedAt: now, leftAt: null, renewal: sealed });
      const kept = await people.find(principal.subject);
      if (kept && kept.leftAt !== null) throw fail('lost_race', { what: principal.name });
      // A browser's session may begin a terminal's in its last moment, and that one lasts as long again.
      const expiresAt = now + 2 * sessionSeconds * SECOND_MS;
      await protocol.put({ kind: SEEN, id: principal.subject, payload: {}, expiresAt });
    },
    async mayHaveSession(subject) {
      const seen = await protocol.find(SEEN, subject);
      return seen?.expiresAt !== undefined && seen.expiresAt !== null && clock.now() < seen.expiresAt;
    },
  };
}

function toPrincipal({ subject, name, kind, groups, person }: KnownPerson): Principal {
  return { subject, name, kind, groups, person };
}

export function sealRenewal(secret: Secret, renewal: Secret): string {
  return sealText(secret, PURPOSE, renewal.reveal());
}

export function unsealRenewal(secret: Secret, sealed: string): Secret {
  return new Secret(unsealText(secret, PURPOSE, sealed));
}
