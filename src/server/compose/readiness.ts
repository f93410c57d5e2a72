import type { Store } from '../../core/ports/store.ts';
import type { ReadinessCheck } from '../health.ts';

/** What must be so before a server is sent requests; what else there is to look at is one more line here. */
export function listChecks({ store }: { readonly store: Store }): readonly ReadinessCheck[] {
  return [{ name: 'store', look: async () => store.findPosition().then(() => null) }];
}
