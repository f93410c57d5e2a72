import { buildChildEnvironment } from '../core/child-environment.ts';
import { fail } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import type { Child } from '../core/ports/processes.ts';
import { SECOND_MS } from '../core/time.ts';
import type { GrantView } from '../core/view.ts';
import type { HeldSecret } from '../core/wire/held-secret.ts';
import { fillTemplates } from './fill-templates.ts';
import { keepInUse } from './heartbeat.ts';
import { listHeld, readHeld } from './held.ts';
import { type Lease, superviseLease } from './lease.ts';
import type { ClientParts } from './parts.ts';
import { freshen } from './renew-token.ts';
import { readEnded } from './taken.ts';

/** A command that ended well sooner than this did not miss its grant: nobody is asked about it. */
const LONG_MS = SECOND_MS;

export type Wanted = { readonly scope: string | undefined; readonly target: string | undefined };

export type ExecOrder = Lease & {
  /** Ctrl-C before there is a child; afterwards it is the child's. */
  readonly signal: AbortSignal;
  readonly held: HeldGrant;
  readonly command: string;
  readonly args: readonly string[];
  /** As of `ChildOrder`. */
  readonly onExposed?: ((variable: string) => void) | undefined;
  /** The grant was over before the command was, and not because of its time. */
  readonly onEnded?: ((grant: GrantView) => void) | undefined;
};

/** The grants held here that fit what was named; one is a choice made. */
export async function findFitting(
  parts: Pick<ClientParts, 'state' | 'clock' | 'server'>,
  wanted: Wanted,
): Promise<readonly HeldGrant[]> {
  const held = await listHeld(parts);
  return held.filter(
    ({ view }) =>
      (wanted.scope === undefined || view.scopes.includes(wanted.scope)) &&
      (wanted.target === undefined || view.target === wanted.target),
  );
}

/** The secret of a held grant, its token good for now, or `no_grant` with the way to get it again. */
export async function requireSecret(parts: ClientParts, held: HeldGrant): Promise<HeldSecret> {
  const secret = await readHeld(parts, held);
  if (secret) return freshen(parts, held, secret);
  throw fail('no_grant', {
    why: `the keychain has nothing for ${held.account}; jit wait ${held.view.requestId} delivers it again`,
  });
}

/** Runs a command with the grant's credential, no longer than the grant lasts. Resolves with the command's exit code. */
export async function exec(parts: ClientParts, order: ExecOrder): Promise<number> {
  const reading = requireSecret(parts, order.held);
  parts.processes.prepare();
  const secret = await reading;
  if (order.signal.aborted) throw fail('interrupted', { why: `${order.command} was not started` });
  const child = await parts.processes.start({
    command: order.command,
    args: order.args,
    environment: buildChildEnvironment({
      inherited: parts.processes.environment,
      grant: order.held.view,
      credential: secret.credential,
      token: isTokenWanted(secret) ? secret.token.reveal() : undefined,
    }),
    secretFiles: secret.credential.secretFiles,
    onExposed: order.onExposed,
    buildMore: fillTemplates({
      templates: secret.credential.templates,
      token: secret.token,
      grant: order.held.view,
    }),
  });
  const startedMs = parts.clock.monotonicMs();
  const exitCode = await superviseChild(parts, { ...order, child });
  const wasLong = parts.clock.monotonicMs() - startedMs >= LONG_MS;
  if (order.onEnded && parts.recordsUse && !order.signal.aborted && (wasLong || exitCode !== 0)) {
    const ended = await readEnded(parts, order.held);
    if (ended) order.onEnded(ended);
  }
  return exitCode;
}

async function superviseChild(
  parts: ClientParts,
  order: ExecOrder & { readonly child: Child },
): Promise<number> {
  const stopLease = superviseLease(parts, order);
  const stopBeats = keepInUse(parts, order.held);
  try {
    return (await order.child.ended).exitCode;
  } finally {
    stopLease();
    stopBeats();
  }
}

/** A target with a credential of its own does not get the token too: less to steal. A bound one is no use alone. */
function isTokenWanted({ terms, credential }: HeldSecret): boolean {
  if (terms?.boundTo) return false;
  return credential.secretFiles.length === 0 && Object.keys(credential.secretEnvironment).length === 0;
}
