import { equal, ok } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { hasCode } from '../../core/errors.ts';
import type { Asked } from '../../core/request.ts';
import type { Claimed } from '../../core/view.ts';
import type { BackendUnderTest, BackendWorld, Submitted } from './subject.ts';

export type WorldTest = {
  readonly body: (world: BackendWorld) => Promise<void>;
  /** A method that is not offered ends the test, without a failure: for a backend of which nobody knows what it offers. */
  readonly mayLack: boolean;
};

/** Runs one test. What it asked for is taken back afterwards. */
export async function runInWorld(
  open: () => Promise<BackendUnderTest>,
  { body, mayLack }: WorldTest,
): Promise<void> {
  const { close, ...subject } = await open();
  const asked: Submitted[] = [];
  try {
    await body(buildWorld(subject, asked));
  } catch (error) {
    if (!mayLack || !hasCode(error, 'not_offered')) throw error;
    subject.skip?.(error.message);
  } finally {
    for (const submitted of asked) await takeBack(subject, submitted);
    await close();
  }
}

function buildWorld(subject: Omit<BackendUnderTest, 'close'>, kept: Submitted[]): BackendWorld {
  const { backend, automatic, reviewed } = subject;
  const submit = async (asked: Asked, key: string = randomUUID()): Promise<Submitted> => {
    const submitted = await backend.submit({ ...asked, idempotencyKey: key });
    kept.push(submitted);
    return submitted;
  };
  const obtain = async (): Promise<Claimed> => {
    ok(automatic);
    const { request, claimed } = await submit(automatic);
    if (claimed) return claimed;
    equal(request.state, 'approved', 'it was said to be granted at once');
    return backend.claim(request.id);
  };
  return {
    ...subject,
    newKey: () => randomUUID(),
    submit,
    obtain,
    await: async () => {
      ok(reviewed);
      const { request } = await submit(reviewed);
      equal(request.state, 'pending', 'it was said to wait for a person');
      return request;
    },
  };
}

/** As far as it can be: what a test left behind must not make it fail. */
async function takeBack({ backend }: Omit<BackendUnderTest, 'close'>, { request }: Submitted): Promise<void> {
  const now = await backend.readRequest(request.id).catch(() => request);
  if (now.grantId !== null) await backend.revoke(now.grantId, 'done').catch(() => undefined);
  else await backend.cancel(request.id).catch(() => undefined);
}
