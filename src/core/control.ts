import type { ReconcileReport } from './reconciliation.ts';
import type { KeyUse, KeyView, Rotation } from './server-keys.ts';
import type { ConfirmReport } from './server-store.ts';

/** What whoever runs a server on this machine may have it do, where only it can: it alone has the store open. */
export type ControlOrder =
  | { readonly do: 'reconcile'; readonly apply: boolean }
  | { readonly do: 'list_keys'; readonly uses: readonly KeyUse[] }
  | { readonly do: 'rotate_keys'; readonly uses: readonly KeyUse[]; readonly actor: string }
  | { readonly do: 'confirm_restore'; readonly by: string };

/** What comes of it. */
export type ControlAnswers = {
  readonly reconcile: ReconcileReport;
  readonly list_keys: readonly KeyView[];
  readonly rotate_keys: Rotation;
  readonly confirm_restore: ConfirmReport;
};

/** Where the server that has this store listens for such orders: a socket beside it, for its user alone. */
export function findControlPath(storePath: string): string {
  return `${storePath}.control`;
}
