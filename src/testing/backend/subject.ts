import { ok, rejects } from 'node:assert/strict';
import { JitError } from '../../core/errors.ts';
import type { ApprovalBackend } from '../../core/ports/backend.ts';
import type { Asked } from '../../core/request.ts';
import type { Claimed, RequestView } from '../../core/view.ts';

/** A backend, and what may be asked of it. */
export type BackendUnderTest = {
  /** A new one for each test. */
  readonly backend: ApprovalBackend;
  readonly now: () => number;
  /** Something that is granted at once; null where nothing is. */
  readonly automatic: Asked | null;
  /** Something that waits for a person; null where nothing does. */
  readonly reviewed: Asked | null;
  /** Decides as that person would. Without it, what follows a decision is not tested. */
  readonly decide?: (requestId: string, outcome: 'approved' | 'denied') => PromiseLike<void>;
  /** Told of a test that could not be made, and why. */
  readonly skip?: (why: string) => void;
  readonly close: () => PromiseLike<void>;
};

/** A test's own view of it: everything that is asked for through it is taken back at the end. */
export type BackendWorld = Omit<BackendUnderTest, 'close'> & {
  readonly newKey: () => string;
  readonly submit: (asked: Asked, key?: string) => Promise<Submitted>;
  /** Asks for what is granted at once and picks it up. */
  readonly obtain: () => Promise<Claimed>;
  /** Asks for what waits for a person. */
  readonly await: () => Promise<RequestView>;
};

export type Submitted = { readonly request: RequestView; readonly claimed: Claimed | null };

export type Given = (name: string, body: (world: BackendWorld) => Promise<void>) => void;

/** A test that needs these methods: a backend that is known not to offer one of them has no such test. */
export type Needing = (...methods: readonly BackendMethod[]) => Given;

export type BackendMethod = Exclude<keyof ApprovalBackend, 'address' | 'reportUse' | 'abandon'>;

/** What a backend may leave out: asking, seeing and giving back are what it is for. */
export type Lackable = Exclude<BackendMethod, 'submit' | 'readStatus' | 'readGrant' | 'revoke'>;

/** With one of jit's errors that is no fault of the backend's. */
export function refuses(action: Promise<unknown>): Promise<void> {
  return rejects(action, (error: unknown) => {
    ok(error instanceof JitError, String(error));
    ok(!['bad_answer', 'unreachable', 'plugin_unusable'].includes(error.code), error.message);
    return true;
  });
}
