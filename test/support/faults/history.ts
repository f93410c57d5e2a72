import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { Claimed, GrantView, RequestView } from '../../../src/core/view.ts';

type Span = { readonly startedMs: number; readonly endedMs: number };

/** What a client was told, and between which two moments it was found out. */
export type Told = Span &
  (
    | { readonly about: 'request' | 'grant'; readonly id: string; readonly state: string }
    | { readonly about: 'token'; readonly id: string; readonly isActive: boolean }
  );

type Fact =
  | { readonly about: 'request' | 'grant'; readonly id: string; readonly state: string }
  | { readonly about: 'token'; readonly id: string; readonly isActive: boolean };

/** The log of what clients were told, by whichever replica: what it says must hold together, and hold in the end. */
export type History = {
  readonly told: readonly Told[];
  /** Calls, and records what the answer says; an answer that never came says nothing. */
  watch<T>(call: () => Promise<T>, read: (answer: T) => readonly Fact[]): Promise<T>;
};

export function createHistory(): History {
  const told: Told[] = [];
  return {
    told,
    watch: async (call, read) => {
      const startedMs = performance.now();
      const answer = await call();
      const span = { startedMs, endedMs: performance.now() };
      told.push(...read(answer).map((fact) => ({ ...fact, ...span })));
      return answer;
    },
  };
}

/** The calls of a load test, each of whose answers is recorded. */
export type WatchedBackend = Pick<
  ApprovalBackend,
  'submit' | 'claim' | 'revoke' | 'cancel' | 'readRequest' | 'readGrant' | 'approve' | 'deny'
>;

export function watchBackend(backend: ApprovalBackend, { watch }: History): WatchedBackend {
  return {
    submit: (submission) =>
      watch(
        () => backend.submit(submission),
        ({ request, claimed }) => [...ofRequest(request), ...(claimed ? ofClaimed(claimed) : [])],
      ),
    claim: (id, what) => watch(() => backend.claim(id, what), ofClaimed),
    revoke: (id, because) => watch(() => backend.revoke(id, because), ofGrant),
    cancel: (id) => watch(() => backend.cancel(id), ofRequest),
    readRequest: (id) => watch(() => backend.readRequest(id), ofRequest),
    readGrant: (id) => watch(() => backend.readGrant(id), ofGrant),
    approve: (id, approval) => watch(() => backend.approve(id, approval), ofRequest),
    deny: (id, reason) => watch(() => backend.deny(id, reason), ofRequest),
  };
}

function ofRequest({ id, state }: RequestView): readonly Fact[] {
  return [{ about: 'request', id, state }];
}

function ofGrant({ id, state }: GrantView): readonly Fact[] {
  return [{ about: 'grant', id, state }];
}

function ofClaimed({ request, grant }: Claimed): readonly Fact[] {
  return [...ofRequest(request), ...ofGrant(grant)];
}
