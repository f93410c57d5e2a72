import type { Engineer } from '../../client/engineer.ts';
import type { Use, UseOrder } from '../../client/lending.ts';
import { fail, hasCode, JitError } from '../../core/errors.ts';
import type { HeldGrant } from '../../core/ports/local-state.ts';
import { SECOND_MS } from '../../core/time.ts';
import { describeLingering } from '../text/output.ts';
import type { Hold, World } from '../world.ts';

/** Whoever sends a signal wants jit to end: giving back may take so long from then on. */
const PATIENCE_MS = 10 * SECOND_MS;

export type Using = {
  readonly held: HeldGrant;
  /** To be given back when the last command here that uses it ends, also when this one never began. */
  readonly isLent: boolean;
  readonly action: () => Promise<number>;
};

/** Runs what uses a grant, and gives the grant back where it is to go then. No signal ends jit in between. */
export async function usingGrant(
  world: World,
  engineer: Engineer,
  { held, isLent, action }: Using,
): Promise<number> {
  const early = isLent || held.isLent ? world.interrupt.hold() : undefined;
  let use: Use | undefined;
  try {
    use = await noteUse(world, engineer, { held, isLent });
    return await action();
  } finally {
    const hold = early ?? world.interrupt.hold();
    await endUse(use, { isLent, giveBack: () => giveBackInTime(world, engineer, { held, hold }) });
    hold.release();
  }
}

/**
 * Undefined where nothing can be noted, as on a disk that only reads: what is held is of use all the same. It may wait for
 * another command to give the grant back; Ctrl-C ends that.
 */
async function noteUse(world: World, engineer: Engineer, order: UseOrder): Promise<Use | undefined> {
  const { signal } = world.interrupt;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(fail('interrupted', { why: 'nothing was started' }));
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([engineer.beginUse(order), stopped.promise]);
  } catch (error) {
    if (!(error instanceof JitError) || hasCode(error, 'no_grant', 'interrupted')) throw error;
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type Ending = { readonly isLent: boolean; readonly giveBack: () => Promise<void> };

/** Where this machine cannot say who else uses it, it is given back as it was asked for. */
async function endUse(use: Use | undefined, { isLent, giveBack }: Ending): Promise<void> {
  try {
    if (use) return void (await use.end(giveBack));
  } catch (error) {
    if (!(error instanceof JitError)) throw error;
  }
  if (isLent) await giveBack();
}

type Returning = { readonly held: HeldGrant; readonly hold: Hold };

async function giveBackInTime(world: World, engineer: Engineer, { held, hold }: Returning): Promise<void> {
  const settled = new AbortController();
  const late = hold
    .nextSignal()
    .then(() => world.clock.sleep(PATIENCE_MS, settled.signal))
    .then(() => true);
  const isLate = await Promise.race([giveBack(world, engineer, held).then(() => false), late]);
  settled.abort();
  if (isLate) warn(world, `${held.view.id} may still be live: jit done ${held.view.id} gives it back`);
}

/** The command has ended: what is left to do must not change its exit code, and is seen in `jit status`. */
async function giveBack(world: World, engineer: Engineer, held: HeldGrant): Promise<void> {
  try {
    const { given, failures } = await engineer.giveBack({ grantIds: [held.view.id], because: 'done' });
    if (failures.length > 0) throw failures[0];
    for (const { grant } of given) {
      const { confirmed, lingersUntil } = grant.revocation;
      if (lingersUntil !== undefined) warn(world, describeLingering(world, lingersUntil));
      else if (!confirmed) warn(world, `giving back is not confirmed yet; jit status shows it`);
    }
  } catch (error) {
    // Whoever is logged out by somebody lost what they held with it: only a new login can tell.
    if (hasCode(error, 'session_expired'))
      return warn(
        world,
        `${error.message}: jit login, then jit status, shows whether ${held.view.id} is live`,
      );
    warn(
      world,
      `giving back failed: ${error instanceof Error ? error.message : 'unknown'}; jit done tries again`,
    );
  }
}

/** Says something that is jit's, in between what the command says. */
export function warn(world: World, text: string): void {
  world.terminal.tell(`${world.terminal.paint.warn('jit:')} ${text}`);
}
