import type { Asker, Broker } from '../../broker/parts.ts';
import { SLACK_ACCOUNT_SECONDS } from '../../core/limits.ts';
import type { PeopleStore } from '../../core/ports/people-store.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { SlackUser } from './slack-payload.ts';

export const SLACK = 'slack';

export type SlackPeopleParts = {
  readonly broker: Pick<Broker, 'directory' | 'clock'>;
  readonly people: Pick<PeopleStore, 'findLinked'>;
};

/**
 * The person behind an account at Slack, as they are at this moment; undefined where nobody linked it, where that was too
 * long ago, and where they are not here any more. A click proves no more than the login with which the account was
 * linked, so that is the login that policy sees: old, and without strengths.
 */
export async function findSlackPerson(
  { broker, people }: SlackPeopleParts,
  { user, ip }: { readonly user: SlackUser; readonly ip: string },
): Promise<Asker | undefined> {
  const link = await people.findLinked(SLACK, user.externalId);
  if (!link || broker.clock.now() - link.linkedAt > SLACK_ACCOUNT_SECONDS * SECOND_MS) return undefined;
  const principal = await broker.directory.find(link.subject);
  if (principal?.kind !== 'person') return undefined;
  return { principal, login: { method: 'browser', at: link.linkedAt, strengths: [] }, ip };
}
