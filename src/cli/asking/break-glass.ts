import { fail } from '../../core/errors.ts';
import type { Asked } from '../../core/request.ts';
import type { World } from '../world.ts';

/**
 * The second confirmation of break-glass: the target's name, typed, or given as `--confirm` where nobody can type.
 * Says before what it sets off. Throws where the name is another one.
 */
export async function confirmBreakGlass(
  world: World,
  asked: Asked,
  confirmed: string | undefined,
): Promise<void> {
  const { terminal } = world;
  const { target } = asked;
  terminal.tell(`${terminal.paint.bad('!')} break-glass is for emergencies: it is granted at once`);
  terminal.tell('  whoever may review it sees it in the inbox, and on the channels that the server has');
  terminal.tell('  somebody else reviews it afterwards');
  if (confirmed !== undefined) {
    if (confirmed === target) return;
    throw fail('usage', { why: `--confirm ${confirmed} is not the target, which is ${target}` });
  }
  if (!terminal.interactive)
    throw fail('missing_answer', { what: 'the confirmation of break-glass', flag: `--confirm ${target}` });
  await terminal.input({
    message: `Type the target's name (${target}) to go on`,
    complain: (text) => (text.trim() === target ? undefined : `${target}, or Ctrl-C`),
  });
}
