import { fail } from '../../../core/errors.ts';
import type { Submission } from '../../../core/ports/backend.ts';

type Kept<T> = { readonly asked: string; readonly answer: Promise<T> };

/**
 * Asks once for each idempotency key, so that nobody has to say yes twice: `idempotency_conflict` where the key comes
 * with something else. What failed may be asked again.
 */
export function createOnceByKey<T>(
  ask: (submission: Submission) => Promise<T>,
): (submission: Submission) => Promise<T> {
  const known = new Map<string, Kept<T>>();
  return (submission) => {
    const { idempotencyKey: key, ...rest } = submission;
    const asked = JSON.stringify(Object.entries(rest).sort(([left], [right]) => (left < right ? -1 : 1)));
    const before = known.get(key);
    if (before && before.asked !== asked) return Promise.reject(fail('idempotency_conflict', {}));
    if (before) return before.answer;
    const answer = ask(submission);
    known.set(key, { asked, answer });
    answer.catch(() => known.delete(key));
    return answer;
  };
}
