import type { Engineer } from '../../client/engineer.ts';
import type { OnUnkept, Standing } from '../../client/request.ts';
import { hasCode } from '../../core/errors.ts';
import type { RequestView } from '../../core/view.ts';
import { tellHelp } from '../reviewing/approvals.ts';
import { describeAccess, describeRequested } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';
import { callBack } from './call-back.ts';
import { tellUnkept } from './unkept.ts';
import { createWaitingLine } from './waiting-line.ts';

export type SettleOptions = {
  /** As it was when it was last looked at; else its id. */
  readonly request: RequestView | string;
  readonly timeoutSeconds: number | undefined;
  readonly shouldClaim: boolean;
  /** A program reads the answer: nobody is to be called. */
  readonly json: boolean | undefined;
  /** Where what was granted cannot be kept; it is named where nothing else is said. */
  readonly onUnkept?: OnUnkept;
};

/** Waits for people with a line that is alive. Leaving with Ctrl-C leaves the request pending and says how to go on. */
export function settle(world: World, engineer: Engineer, options: SettleOptions): Promise<Standing> {
  return withLogin(world, engineer, () => follow(world, engineer, options));
}

async function follow(
  world: World,
  engineer: Engineer,
  { request, json, ...options }: SettleOptions,
): Promise<Standing> {
  const startedMs = world.clock.monotonicMs();
  const line = createWaitingLine(world);
  let seen: RequestView | undefined;
  const look = (view: RequestView): void => {
    if (!seen) tellWhatWaits(world, view);
    else tellNewlyTold(world, { before: seen, view });
    seen = view;
    line.show(view);
  };
  const call = async (what: string): Promise<void> => {
    if (!seen || json) return;
    await callBack(world, { startedMs, text: `${what} · ${describeAccess(seen)}` });
  };
  if (typeof request !== 'string') look(request);
  try {
    const requestId = typeof request === 'string' ? request : request.id;
    const onUnkept = options.onUnkept ?? ((unkept) => tellUnkept(world, unkept));
    const order = { ...options, onUnkept, requestId, signal: world.interrupt.signal, onLook: look };
    const standing = await engineer.wait(order);
    line.stop();
    await call('approved');
    return standing;
  } catch (error) {
    line.stop();
    if (hasCode(error, 'denied', 'lapsed', 'cancelled')) await call(error.code);
    throw error;
  }
}

/** What stays on the screen above the line: for what, who can help, how they know, and the link to send them. */
function tellWhatWaits(world: World, view: RequestView): void {
  if (world.terminal.animated) world.terminal.tell(`  ${describeRequested(view)} · ${view.id}`);
  tellHelp(world, view);
}

/** Delivery never delays an answer: a channel may take the message only when somebody waits already. */
function tellNewlyTold(
  world: World,
  { before, view }: { readonly before: RequestView; readonly view: RequestView },
): void {
  const channels = view.told.filter((channel) => !before.told.includes(channel));
  if (channels.length > 0) world.terminal.tell(`  told on ${channels.join(', ')}`);
}
