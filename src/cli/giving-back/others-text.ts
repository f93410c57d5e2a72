import type { GrantView } from '../../core/view.ts';
import { describeEnd, describeGrant } from '../text/output.ts';
import type { World } from '../world.ts';

/** Warns of a grant that nobody can give back from here as whoever is logged in: until when it is live, and what helps. */
export function tellLeft(world: World, view: GrantView, what: string): void {
  const end = `it is live ${describeEnd(world, view.expiresAt)}`;
  const help = `as ${view.heldBy}, jit done ${view.id} gives it back`;
  world.terminal.tell(`${world.terminal.paint.warn('!')} ${describeGrant(view)} ${what}: ${end}; ${help}`);
}

/** What somebody else left here, who was logged in before. */
export function tellOthers(world: World, others: readonly { readonly view: GrantView }[]): void {
  for (const { view } of others) tellLeft(world, view, `is held here by ${view.heldBy}`);
}
