import type { Credential } from '../core/credential.ts';
import { fail, type JitError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Connector, LiveCredential, Removal } from '../core/ports/connector.ts';
import { isTreacherous } from '../core/text.ts';
import type { Instant } from '../core/time.ts';
import { findCredentialFault } from '../core/wire/credential-fault.ts';
import type { ConnectorTarget, PluginConnector, Settings } from './api.ts';
import { createCalls } from './calls.ts';
import { closeWithin } from './contain-channel.ts';
import { isGrantName, nameGrant } from './handle.ts';
import { describeTrouble, explainTrouble, readMessage } from './trouble.ts';

const LONGEST_NAME = 256;

export type ContainingConnector = {
  readonly kind: string;
  readonly target: ConnectorTarget;
  readonly clock: Clock;
  readonly installation: string;
};

/**
 * A plugin's connector as one that keeps the port's promises as far as anybody can for it (INP-05): what hangs is over at
 * its deadline, what is thrown is `target_failed`, and answers are looked at. One without names of its own gets `nameGrant`'s,
 * and is asked about no others.
 */
export function containConnector(opened: PluginConnector, containing: ContainingConnector): Connector {
  const { kind, target, clock, installation } = containing;
  const refuse = (why: string, cause?: unknown): JitError =>
    fail('target_failed', { target: target.name, why }, cause);
  const { run, close } = createCalls({ clock, settings: target.settings, refuse });
  const hasOwnNames = opened.plan !== undefined;
  const isOurs = (handle: string): boolean => hasOwnNames || isGrantName(handle, installation);
  const runFor = async <T>(
    { handle, deadlineAt }: { readonly handle: string; readonly deadlineAt: Instant },
    action: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    if (!isOurs(handle)) throw refuse('that is no name of this installation');
    return run(deadlineAt, action);
  };
  return {
    kind,
    ...(opened.certificates ? { certificates: opened.certificates } : {}),
    plan: (grantId) =>
      hasOwnNames
        ? planOwn(opened, { grantId, settings: target.settings, refuse })
        : nameGrant({ installation, grantId, target: target.name }),
    issue: (order) =>
      runFor(order, async (signal) => requireTakeable(await opened.issue({ ...order, signal }))),
    probe: (credential, deadlineAt) =>
      run(deadlineAt, (signal) => opened.probe(credential, deadlineAt, signal)),
    extend: (order) => runFor(order, async (signal) => opened.extend?.({ ...order, signal })),
    remove: (handle, { scopes, deadlineAt }) =>
      runFor({ handle, deadlineAt }, async (signal) =>
        readRemoval(await opened.remove(handle, { scopes, deadlineAt, signal })),
      ),
    list: (deadlineAt) =>
      run(deadlineAt, async (signal) => readLive(await opened.list(deadlineAt, signal), isOurs)),
    activity: (handle, deadlineAt) =>
      runFor({ handle, deadlineAt }, async (signal) =>
        readInstant(await opened.activity?.(handle, deadlineAt, signal)),
      ),
    close: async () => {
      close();
      await closeWithin(clock, async () => opened.close?.());
    },
  };
}

type Planning = {
  readonly grantId: string;
  readonly settings: Settings;
  readonly refuse: (why: string, cause?: unknown) => JitError;
};

/** A name is written down before it is used, shown to people and asked about: it is a line of its own, or none. */
function planOwn(opened: PluginConnector, { grantId, settings, refuse }: Planning): string {
  const name = planOrRefuse(opened, { grantId, settings, refuse });
  if (typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME && !isTreacherous(name))
    return name;
  throw refuse('it plans a name that cannot be kept');
}

function planOrRefuse(opened: PluginConnector, { grantId, settings, refuse }: Planning): unknown {
  try {
    return opened.plan?.(grantId);
  } catch (error) {
    throw refuse(explainTrouble(readMessage(error), settings), describeTrouble(error, settings));
  }
}

/** Approved, and then refused on the machine of whoever asked, must not happen. */
function requireTakeable(credential: Credential): Credential {
  const fault = findCredentialFault(credential);
  if (fault === undefined) return credential;
  throw new Error(`it gave a credential that nobody takes: ${fault}`);
}

function readRemoval(removal: Removal): Removal {
  const { sessionsEnded } = removal;
  if (Number.isSafeInteger(sessionsEnded) && sessionsEnded >= 0) return { sessionsEnded };
  throw new Error('it did not say how many sessions it ended');
}

/** Only what has a name of ours is ever said to be there. */
function readLive(
  live: readonly LiveCredential[],
  isOurs: (handle: string) => boolean,
): readonly LiveCredential[] {
  if (!Array.isArray(live)) throw new Error('it gave no list');
  return live
    .map(({ handle, sessions }) => ({ handle: String(handle), sessions: Number(sessions) || 0 }))
    .filter(({ handle }) => isOurs(handle));
}

function readInstant(at: Instant | null | undefined): Instant | null {
  // A store keeps whole milliseconds.
  return typeof at === 'number' && Number.isFinite(at) ? Math.floor(at) : null;
}
