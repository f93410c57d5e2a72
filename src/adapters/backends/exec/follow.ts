import type { ApprovalBackend } from '../../../core/ports/backend.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { backendAnswers } from '../../../core/wire/backend-answers.ts';
import { type FollowOptions, followByReading } from '../follow-by-reading.ts';
import type { PluginCaller } from './caller.ts';

/** What is left of the limit for the answer itself. */
const MARGIN_SECONDS = 5;

/** Following, by the program itself or by reading again and again. */
export function createFollow(call: PluginCaller, options: FollowOptions): ApprovalBackend['follow'] {
  const { followMs: limitMs } = options;
  const waitSeconds = Math.max(1, Math.floor(limitMs / SECOND_MS) - MARGIN_SECONDS);
  const follow: ApprovalBackend['follow'] = (id, { signal, ...known }) => {
    const params = { id, ...known, wait_seconds: waitSeconds };
    return call({ method: 'follow', params, schema: backendAnswers.follow(id).schema, limitMs, signal });
  };
  return followByReading(follow, options);
}
