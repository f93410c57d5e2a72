import type { Spinner } from '../../core/ports/terminal.ts';
import { cutColumns, neutralise } from '../../core/text.ts';
import type { RequestView } from '../../core/view.ts';
import { describeApprovers, describeProgress } from '../reviewing/approvals.ts';
import { describeMoment, describeRequested } from '../text/output.ts';
import type { World } from '../world.ts';

const TICK_MS = 1_000;
/** What the spinner itself takes, and a column in which nothing wraps. */
const SPINNER_COLUMNS = 3;

export type WaitingLine = {
  /** The request as it is now. */
  readonly show: (view: RequestView) => void;
  readonly stop: () => void;
};

/** The line that is alive while people decide. Where no line can be rewritten, a new one for each approval. */
export function createWaitingLine(world: World): WaitingLine {
  return world.terminal.animated ? createAnimatedLine(world) : createPlainLine(world);
}

function createAnimatedLine(world: World): WaitingLine {
  const stopping = new AbortController();
  let current: RequestView | undefined;
  let spinner: Spinner | undefined;
  const draw = (): void => {
    if (!current) return;
    const width = world.terminal.columns - SPINNER_COLUMNS;
    const text = cutColumns(neutralise(describeWaiting(world, current)), width);
    if (spinner) spinner.update(text);
    else spinner = world.terminal.startSpinner(text);
  };
  void tick(world, { draw, signal: stopping.signal });
  return {
    show: (view) => {
      current = view;
      draw();
    },
    stop: () => {
      stopping.abort();
      spinner?.stop();
    },
  };
}

async function tick(
  { clock }: World,
  { draw, signal }: { readonly draw: () => void; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(TICK_MS, signal);
    if (!signal.aborted) draw();
  }
}

/** Whoever looks at a terminal is told the id on leaving; a log has only these lines. */
function createPlainLine(world: World): WaitingLine {
  let shown = '';
  return {
    show: (view) => {
      const key = `${view.approvals.given} ${view.canApprove.join(' ')}`;
      if (key === shown) return;
      shown = key;
      const access = `${describeRequested(view)} · ${view.id}`;
      world.terminal.tell(`… ${describeWaiting(world, view)} · ${access}`);
    },
    stop: () => undefined,
  };
}

function describeWaiting(world: World, view: RequestView): string {
  const parts = [
    `waiting for ${describeApprovers(view)}`,
    describeProgress(world, view),
    `lapses ${describeMoment(world, view.lapsesAt)}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
