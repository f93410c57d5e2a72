import type { Clock } from '../../core/ports/clock.ts';
import type { Room } from '../../core/ports/room.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Limit, type ReadinessCheck, STORE_CHECK } from '../health.ts';
import { OTHER_STORE, type Quarantine } from '../keeping/quarantine.ts';

/** What must be so before a server is sent requests; what else there is to look at is one more line here. */
export function listChecks(parts: {
  readonly store: Store;
  readonly quarantine: Pick<Quarantine, 'isReplaced'>;
}): readonly ReadinessCheck[] {
  const { store, quarantine } = parts;
  return [
    {
      name: STORE_CHECK,
      look: async () => store.findPosition().then(() => (quarantine.isReplaced() ? OTHER_STORE : null)),
    },
  ];
}

/** Far from the one that grants go by, nobody knows which clock is wrong: claims are refused, and what is held ends (S10). */
export function listLimits({
  quarantine,
  room,
  options,
}: {
  readonly quarantine: Pick<Quarantine, 'readNote'>;
  readonly room: Pick<Room, 'isShort'>;
  readonly options: { readonly clock: Clock };
}): readonly Limit[] {
  const isClockTrusted = options.clock.readHealth?.()?.isTrusted ?? true;
  return [
    ...(quarantine.readNote() ? ['quarantine' as const] : []),
    ...(room.isShort() ? ['full' as const] : []),
    ...(isClockTrusted ? [] : ['clock_wrong' as const]),
  ];
}
