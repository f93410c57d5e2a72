import { keep } from '../../../src/client/held.ts';
import type { ClientParts } from '../../../src/client/parts.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { KeychainEntry } from '../../../src/core/ports/keychain.ts';
import { EMPTY_STATE, type LocalState, type LocalStateStore } from '../../../src/core/ports/local-state.ts';
import type { Lock } from '../../../src/core/ports/lock.ts';
import type { Claimed } from '../../../src/core/view.ts';
import { createMemoryKeychain } from '../keyrings/memory-keychain.ts';
import { createQueueLock } from './fake-authorization-keychain.ts';
import { createFakeBackend, type FakeBackend } from './fake-backend.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createTestProcesses, type TestProcesses, type TestProcessesOptions } from './processes.ts';

export const SERVER = 'https://jit.example.com';
export const NOW = Date.parse('2026-11-21T12:00:00Z');

export type TestParts = Omit<ClientParts, 'backend' | 'clock' | 'processes'> & {
  readonly backend: FakeBackend;
  readonly clock: FakeClock;
  readonly processes: TestProcesses;
  /** What the keychain holds, by account. */
  readonly secrets: () => Readonly<Record<string, string>>;
  readonly held: () => Promise<LocalState>;
};

export type TestPartsOptions = {
  readonly backend?: Partial<ApprovalBackend>;
  readonly processes?: TestProcessesOptions;
  readonly keychain?: Partial<ClientParts['keychain']>;
  readonly skewMs?: number;
  readonly recordsUse?: boolean;
};

/** All that the client's steps are built from, in memory, at noon. */
export function createTestParts(options: TestPartsOptions = {}): TestParts {
  const items = new Map<string, KeychainEntry>();
  const state = createMemoryState();
  return {
    server: SERVER,
    backend: createFakeBackend(options.backend),
    keychain: { ...createMemoryKeychain(items), ...options.keychain },
    state,
    lock: createTestLock(),
    clock: createFakeClock(NOW),
    processes: createTestProcesses(options.processes),
    skewMs: () => options.skewMs ?? 0,
    recordsUse: options.recordsUse ?? false,
    secrets: () =>
      Object.fromEntries([...items.values()].map((item) => [item.account, item.secret.reveal()])),
    held: () => state.read(),
  };
}

export function createMemoryState(initial: LocalState = EMPTY_STATE): LocalStateStore {
  let state = initial;
  return {
    read: async () => state,
    update: async (change) => {
      state = change(state);
      return state;
    },
  };
}

export function createTestLock(): Lock {
  return createQueueLock();
}

/** All of that, with what was claimed in the keychain and in the state already. */
export async function createHoldingParts(
  claimed: Claimed,
  backend: Partial<ApprovalBackend> = {},
): Promise<TestParts> {
  const parts = createTestParts({ backend });
  await keep(parts, claimed);
  return parts;
}
