import { hasCode } from '../../../core/errors.ts';
import type { ApprovalBackend, Following } from '../../../core/ports/backend.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { RequestView } from '../../../core/view.ts';
import { requestWith } from '../about.ts';
import type { PluginCaller } from './caller.ts';

const PAUSE_MS = 2 * SECOND_MS;
/** What is left of the limit for the answer itself. */
const MARGIN_SECONDS = 5;

export type FollowOptions = {
  readonly clock: Clock;
  readonly followMs: number;
  readonly readRequest: (id: string) => Promise<RequestView>;
};

/** Where a plugin cannot follow a request, it is read again and again. */
export function createFollow(call: PluginCaller, options: FollowOptions): ApprovalBackend['follow'] {
  const { followMs } = options;
  const waitSeconds = Math.max(1, Math.floor(followMs / SECOND_MS) - MARGIN_SECONDS);
  return async (id, { signal, ...known }) => {
    const params = { id, ...known, wait_seconds: waitSeconds };
    try {
      return await call({ method: 'follow', params, schema: requestWith(id), limitMs: followMs, signal });
    } catch (error) {
      if (!hasCode(error, 'not_offered')) throw error;
      return readAgain(id, { ...known, ...(signal ? { signal } : {}) }, options);
    }
  };
}

async function readAgain(id: string, known: Following, options: FollowOptions): Promise<RequestView> {
  const { clock, followMs, readRequest } = options;
  const endsAtMs = clock.monotonicMs() + followMs;
  for (;;) {
    const view = await readRequest(id);
    const isNews =
      view.state !== known.state || view.approvals.given !== known.given || view.told.length !== known.told;
    if (isNews || known.signal?.aborted || clock.monotonicMs() >= endsAtMs) return view;
    await clock.sleep(PAUSE_MS, known.signal);
  }
}
