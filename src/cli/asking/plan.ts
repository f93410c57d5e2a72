import type { Engineer } from '../../client/engineer.ts';
import { formatDuration } from '../../core/duration-text.ts';
import type { Asked } from '../../core/request.ts';
import type { DecisionView } from '../../core/view.ts';
import { describeApprovers } from '../reviewing/approvals.ts';
import { tellReasons } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

export type Plan = Awaited<ReturnType<Engineer['preview']>>;

const EXIT_CODES = { automatic: 0, needs_people: 5, denied: 3 } as const;

/** What policy would answer; nothing is asked for. */
export function readPlan(world: World, engineer: Engineer, asked: Asked): Promise<Plan> {
  return withLogin(world, engineer, () => engineer.preview(asked));
}

/** What is about to be asked and what policy would answer. Returns the exit code of a dry run. */
export function tellPlan(world: World, asked: Asked, { decision, canApprove }: Plan): number {
  const { tell, paint } = world.terminal;
  const duration = formatDuration(asked.durationSeconds);
  tell(`  plan    ${asked.scopes.join(' ')} on ${asked.target} for ${duration}`);
  tell(`  policy  ${paint.strong(describeAnswer(decision, canApprove))}${describeRule(decision)}`);
  if (decision.idleSeconds !== undefined)
    tell(`  unused  ends after ${formatDuration(decision.idleSeconds)} without use`);
  tellReasons(world, decision);
  return EXIT_CODES[decision.outcome];
}

function describeAnswer({ outcome }: DecisionView, canApprove: readonly string[]): string {
  if (outcome === 'automatic') return 'granted at once';
  if (outcome === 'denied') return 'denied';
  const who =
    canApprove.length === 0 ? 'nobody whom jit has seen can yet' : describeApprovers({ canApprove });
  return `people decide (${who})`;
}

function describeRule({ rule }: DecisionView): string {
  return rule ? ` by rule ${rule}` : '';
}
