import type { PluginPatience } from '../core/client-config.ts';
import type { ApprovalBackend, BackendMethods } from '../core/ports/backend.ts';
import { SECOND_MS } from '../core/time.ts';
import { type BackendMethod, backendAnswers } from '../core/wire/backend-answers.ts';
import type { PluginBackend } from './api.ts';
import { type AskedBackend, createAsking, nameOnWire } from './ask-backend.ts';
import { closeWithin } from './contain-channel.ts';

/** A whole backend, and what ends it. */
export type OpenPluginBackend = {
  readonly backend: ApprovalBackend;
  readonly close: () => Promise<void>;
};

export type ContainingBackend = AskedBackend & PluginPatience & { readonly address: string };

const METHODS = Object.keys(backendAnswers) as readonly BackendMethod[];

/** What a backend may do, as programs call it. */
export const BACKEND_METHODS: readonly string[] = METHODS.map(nameOnWire);

/** Nobody tells a package how long these may wait for what they wait for. */
const WAITING: readonly BackendMethod[] = ['revoke', 'revokeMany'];

/**
 * A plugin's backend as one that keeps the port's promises as far as anybody can for it (INP-05): what hangs is
 * `unreachable` at its deadline, what is thrown is an error of jit's, what it answers is looked at as a program's answer
 * is, and what it leaves out is `not_offered`.
 */
export function containBackend(opened: PluginBackend, containing: ContainingBackend): OpenPluginBackend {
  const { address, clock } = containing;
  const ask = createAsking(opened, containing);
  const limitMs = containing.timeoutSeconds * SECOND_MS;
  const followMs = containing.followSeconds * SECOND_MS;
  const simple = METHODS.map((method) => {
    const usualMs = WAITING.includes(method) ? followMs : limitMs;
    const call = (...args: readonly unknown[]) => {
      const [id] = args;
      const about = typeof id === 'string' ? { id } : {};
      return ask(method, { ...about, limitMs: usualMs, build: () => structuredClone(args) });
    };
    return [method, call];
  });
  const methods = Object.fromEntries(simple) as BackendMethods;
  return {
    backend: {
      address,
      ...methods,
      reportUse: methods.readGrant,
      abandon: async () => 'live',
      readStatus: ({ timeoutMs: wantedMs = limitMs } = {}) => {
        const timeoutMs = Math.min(wantedMs, limitMs);
        return ask('readStatus', { limitMs: timeoutMs, build: () => [{ timeoutMs }] });
      },
      follow: (id, { signal, ...known }) => {
        const build = (ending: AbortSignal) => [id, { ...known, signal: ending }];
        return ask('follow', { id, limitMs: followMs, signal, build });
      },
      readInbox: ({ signal, ...known } = {}) => {
        const build = (ending: AbortSignal) => [{ ...known, signal: ending }];
        return ask('readInbox', { limitMs: followMs, signal, build });
      },
    },
    // What is under way then belongs to a command that was left, and has nothing more to say.
    close: () => closeWithin(clock, async () => opened.close?.()),
  };
}
