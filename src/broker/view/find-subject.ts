import { fail } from '../../core/errors.ts';
import { LIVE_GRANT_STATES } from '../../core/grant.ts';
import { OPEN_REQUEST_STATES } from '../../core/request.ts';
import { filterInTurns } from '../pacing/in-turns.ts';
import type { Broker } from '../parts.ts';

const MOST_READ = 100_000;

type Account = { readonly subject: string; readonly name: string };

/**
 * Whom a subject or a name means, among those the directory knows and those who left and still hold something or have a
 * request open; a name that none of them has is taken for a subject. Throws `ambiguous` for a name that several have:
 * taking everything from the wrong one would leave it with the other.
 */
export async function findSubject(broker: Broker, user: string): Promise<string> {
  const known = await broker.directory.list();
  if (known.some(({ subject }) => subject === user)) return user;
  const accounts = [...known, ...(await listAccounts(broker))];
  if (accounts.some(({ subject }) => subject === user)) return user;
  const named = await filterInTurns(accounts, ({ name }) => name === user);
  const [first, ...others] = new Set(named.map(({ subject }) => subject));
  if (first === undefined) return user;
  if (others.length === 0) return first;
  throw fail('ambiguous', { what: `account called ${user}`, choices: [first, ...others], flag: '--user' });
}

/** As they called themselves when they asked: the directory may not know them any more. */
async function listAccounts({ store }: Broker): Promise<readonly Account[]> {
  const [grants, requests] = await Promise.all([
    store.listGrants({ states: LIVE_GRANT_STATES, limit: MOST_READ }),
    store.listRequests({ states: OPEN_REQUEST_STATES, limit: MOST_READ }),
  ]);
  return [...grants.map(({ heldBy }) => heldBy), ...requests.map(({ requestedBy }) => requestedBy)];
}
