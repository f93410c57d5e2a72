import { hasCode } from '../../core/errors.ts';
import type { ApprovalBackend, Following } from '../../core/ports/backend.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { RequestView } from '../../core/view.ts';

const PAUSE_MS = 2 * SECOND_MS;

export type FollowOptions = {
  readonly clock: Clock;
  readonly followMs: number;
  readonly readRequest: (id: string) => Promise<RequestView>;
};

/** Where a plugin cannot follow a request, it is read again and again. */
export function followByReading(
  follow: ApprovalBackend['follow'],
  options: FollowOptions,
): ApprovalBackend['follow'] {
  return async (id, known) => {
    try {
      return await follow(id, known);
    } catch (error) {
      if (!hasCode(error, 'not_offered')) throw error;
      return readAgain(id, known, options);
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
