import { requireTarget } from '../../core/catalogue.ts';
import { fail } from '../../core/errors.ts';
import { LIVE_GRANT_STATES } from '../../core/grant.ts';
import { OPEN_REQUEST_STATES } from '../../core/request.ts';
import { findNearest } from '../../core/scope.ts';
import type { Broker } from '../parts.ts';
import { findSubject } from '../view/find-subject.ts';

/** `unknown_target` for one that is neither in the catalogue nor, since it is no more, anywhere in what is left to take. */
export async function requireKnownTarget(
  { catalogue, store }: Pick<Broker, 'catalogue' | 'store'>,
  target: string,
): Promise<void> {
  if (catalogue.targets.some(({ name }) => name === target)) return;
  const [live, open] = await Promise.all([
    store.listGrants({ target, states: LIVE_GRANT_STATES, limit: 1 }),
    store.listRequests({ target, states: OPEN_REQUEST_STATES, limit: 1 }),
  ]);
  if (live.length + open.length === 0) requireTarget(catalogue, target);
}

/**
 * `not_found` with the name that was probably meant. To be asked only after nothing was found to take: the directory may
 * not know somebody who is logged in.
 */
export async function requireKnownPerson(broker: Broker, user: string): Promise<void> {
  const known = await broker.directory.list();
  if (known.some(({ subject, name }) => subject === user || name === user)) return;
  if ((await findSubject(broker, user)) !== user) return;
  const nearest = findNearest(
    user,
    known.flatMap(({ name, subject }) => [name, subject]),
  );
  throw fail('not_found', {
    what: `person that jit knows as "${user}"`,
    next: `${nearest === undefined ? '' : `did you mean ${nearest}? `}Nothing was revoked`,
  });
}
