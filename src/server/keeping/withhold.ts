import { SYSTEM } from '../../broker/events.ts';
import { fail } from '../../core/errors.ts';
import type { Store, Transition } from '../../core/ports/store.ts';
import { OTHER_STORE, type Quarantine } from './quarantine.ts';

/** An action that is refused before it begins while there is a quarantine: its first step may be at a target. */
export function withholdAction<A extends readonly unknown[], R>(
  action: (...given: A) => Promise<R>,
  { readNote }: Pick<Quarantine, 'readNote'>,
): (...given: A) => Promise<R> {
  return async (...given) => {
    const note = readNote();
    if (note !== null) throw fail('in_quarantine', { takenAt: note.taken_at });
    return await action(...given);
  };
}

/**
 * A store in which requests and grants stay as they are while there is a quarantine: `in_quarantine`. Logins go on,
 * and what a person wants to have ended is on record at once: its token is dead, and the target's turn comes afterwards.
 * Of what is due nothing is handed out. Into another store than the one that was opened nothing is written at all:
 * `store_unreachable`.
 */
export function withholdChanges(
  store: Store,
  quarantine: Pick<Quarantine, 'readNote' | 'isReplaced' | 'isHeld'>,
): Store {
  const requireSame = (): void => {
    if (quarantine.isReplaced()) throw fail('store_unreachable', { why: OTHER_STORE });
  };
  return {
    ...store,
    commit: async (transition) => {
      requireSame();
      const note = quarantine.readNote();
      if (note !== null && !isAllowed(transition)) throw fail('in_quarantine', { takenAt: note.taken_at });
      return await store.commit(transition);
    },
    takeWork: async (options) => {
      if (quarantine.readNote() !== null || quarantine.isReplaced()) return [];
      const taken = await store.takeWork(options);
      // Asked afterwards: work of a store that was brought back a moment ago is seen no sooner than its note.
      return taken.length > 0 && (await quarantine.isHeld()) ? [] : taken;
    },
    replaceSetting: async (change) => {
      requireSame();
      return await store.replaceSetting(change);
    },
    readSetting: (name, make) =>
      store.readSetting(name, async () => {
        await quarantine.isHeld();
        requireSame();
        return await make();
      }),
  };
}

function isAllowed({ request, grant, event }: Transition): boolean {
  if (event.kind === 'grant.revoking') return event.actor !== SYSTEM && !request;
  if (event.kind === 'request.cancelled') return event.actor !== SYSTEM;
  return !request && !grant && event.requestId === null && event.grantId === null;
}
