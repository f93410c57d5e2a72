import type { Engineer } from '../client/engineer.ts';
import type { Standing } from '../client/request.ts';
import type { RequestView } from '../core/view.ts';
import { describeAccess, describeApprovers, describeEnd } from './output.ts';
import type { World } from './world.ts';

export type SettleOptions = {
  readonly timeoutSeconds: number | undefined;
  readonly shouldClaim: boolean;
};

/** Waits for people with a line that is alive. Leaving with Ctrl-C leaves the request pending and says how to go on. */
export async function settle(
  world: World,
  engineer: Engineer,
  { requestId, ...options }: SettleOptions & { readonly requestId: string },
): Promise<Standing> {
  const spinner = world.terminal.startSpinner(`looking at ${requestId}`);
  let shown = '';
  try {
    const standing = await engineer.wait({
      ...options,
      requestId,
      signal: world.interrupt.signal,
      onLook: (view) => {
        const text = describeWaiting(world, view);
        if (text !== shown) spinner.update(text);
        shown = text;
      },
    });
    spinner.stop();
    return standing;
  } catch (error) {
    spinner.stop();
    throw error;
  }
}

function describeWaiting(world: World, view: RequestView): string {
  const { needed, given } = view.approvals;
  const lapses = describeEnd(world, view.lapsesAt).replace('until', 'it lapses at');
  return `${view.id} · ${describeAccess(view)} · ${given} of ${needed} approvals · waiting for ${describeApprovers(view)} · ${lapses}`;
}
