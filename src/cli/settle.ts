import type { Engineer } from '../client/engineer.ts';
import type { Standing } from '../client/request.ts';
import type { Spinner } from '../core/ports/terminal.ts';
import type { RequestView } from '../core/view.ts';
import { describeAccess, describeApprovers, describeMoment } from './output.ts';
import { withLogin } from './with-login.ts';
import type { World } from './world.ts';

export type SettleOptions = {
  /** As it was when it was last looked at; else its id. */
  readonly request: RequestView | string;
  readonly timeoutSeconds: number | undefined;
  readonly shouldClaim: boolean;
};

/** Waits for people with a line that is alive. Leaving with Ctrl-C leaves the request pending and says how to go on. */
export function settle(world: World, engineer: Engineer, options: SettleOptions): Promise<Standing> {
  return withLogin(world, engineer, () => follow(world, engineer, options));
}

async function follow(
  world: World,
  engineer: Engineer,
  { request, ...options }: SettleOptions,
): Promise<Standing> {
  const { show, stop } = createWaitingLine(world);
  if (typeof request !== 'string') show(describeWaiting(world, request));
  // A line that is not rewritten says something once: not before there is something to say.
  else if (world.terminal.interactive) show(`looking at ${request}`);
  try {
    return await engineer.wait({
      ...options,
      requestId: typeof request === 'string' ? request : request.id,
      signal: world.interrupt.signal,
      onLook: (view) => show(describeWaiting(world, view)),
    });
  } finally {
    stop();
  }
}

function createWaitingLine({ terminal }: World): {
  readonly show: (text: string) => void;
  readonly stop: () => void;
} {
  let spinner: Spinner | undefined;
  let shown = '';
  return {
    show: (text) => {
      if (text !== shown) spinner?.update(text);
      spinner ??= terminal.startSpinner(text);
      shown = text;
    },
    stop: () => spinner?.stop(),
  };
}

function describeWaiting(world: World, view: RequestView): string {
  const { needed, given } = view.approvals;
  const count = needed > 1 ? ` (${given} of ${needed} approvals)` : '';
  // Whoever looks at a terminal is told the id on leaving; a log has only this line.
  const id = world.terminal.interactive ? '' : ` · ${view.id}`;
  return `waiting for ${describeApprovers(view)}${count} · ${describeAccess(view)} · lapses ${describeMoment(world, view.lapsesAt)}${id}`;
}
