import type { Complaint } from '../../core/config/complaint.ts';
import type { ServerConfig } from '../../core/config.ts';

type Setting = { readonly key: string; readonly read: (config: ServerConfig) => unknown };

/** What the process is made of from its start: where it listens, what it is called, what it keeps and how it seals that. */
const FIXED: readonly Setting[] = [
  { key: 'url', read: ({ url }) => url },
  { key: 'listen', read: ({ listen }) => listen },
  { key: 'store', read: ({ store }) => (store.kind === 'postgres' ? store.url.reveal() : store) },
  {
    key: 'metrics',
    read: ({ operations: { metrics } }) => metrics && [metrics.listen, metrics.token?.reveal()],
  },
  { key: 'log', read: ({ operations: { log } }) => log.format },
  { key: 'secret', read: ({ secret }) => secret?.reveal() ?? null },
];

const WHY = 'cannot change while the server runs: restart it, or put back what it was';

/** Every setting that only a restart can change, and that another configuration has otherwise. */
export function listFixedChanges(before: ServerConfig, after: ServerConfig): readonly Complaint[] {
  return FIXED.filter(({ read }) => !isSame(read(before), read(after))).map(({ key }) => ({
    path: [key],
    why: WHY,
  }));
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
