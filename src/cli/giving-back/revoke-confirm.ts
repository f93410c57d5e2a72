import { fail } from '../../core/errors.ts';
import type { GrantView } from '../../core/view.ts';
import { count } from '../text/count.ts';
import type { World } from '../world.ts';

export type RevokeConfirming = {
  readonly grants: readonly GrantView[];
  readonly isMine: boolean;
  readonly flags: {
    readonly user?: string | undefined;
    readonly target?: string | undefined;
    readonly everyone?: boolean | undefined;
    readonly yes?: boolean | undefined;
    readonly count?: string | undefined;
  };
};

/** Is it meant? Everybody's wants the number typed, others' a yes, one's own nothing. Throws where the answer is no. */
export async function confirmRevocation(world: World, confirming: RevokeConfirming): Promise<void> {
  const { flags, isMine } = confirming;
  if (flags.everyone) return confirmEveryone(world, confirming);
  if (isMine || flags.yes) return;
  const question = buildQuestion(confirming);
  if (!world.terminal.interactive)
    throw fail('missing_answer', { what: `the answer to "${question}"`, flag: '--yes' });
  if (await world.terminal.confirm(question, { fallback: false })) return;
  throw fail('interrupted', { why: 'nothing was taken away' });
}

/** A number that was read before is a number that was thought about. `--yes` is not enough. */
async function confirmEveryone(world: World, { grants, flags }: RevokeConfirming): Promise<void> {
  const expected = String(grants.length);
  if (flags.count !== undefined) {
    if (flags.count === expected) return;
    throw fail('usage', {
      why: `--count ${flags.count} is not how many there are: ${count(grants.length, 'live grant')}`,
    });
  }
  if (!world.terminal.interactive) {
    const what = `the number of live grants, which is ${expected},`;
    throw fail('missing_answer', { what, flag: `--count ${expected}` });
  }
  await world.terminal.input({
    message: `This ends everybody's access: ${count(grants.length, 'live grant')}. Type ${expected} to revoke ${grants.length === 1 ? 'it' : 'them all'}`,
    complain: (text) => (text.trim() === expected ? undefined : `${expected}, or Ctrl-C`),
  });
}

function buildQuestion({ grants, flags: { user, target } }: RevokeConfirming): string {
  const where = target === undefined ? '' : ` on ${target}`;
  const out = user === undefined || target !== undefined ? '' : `, and log ${user} out`;
  const whose = user === undefined ? '' : `${user}'s `;
  if (grants.length === 0) return `Cancel ${whose}open requests${where}${out}?`;
  const there = target === undefined ? ' and every open request' : ', and every open request there';
  return `Revoke ${whose}${count(grants.length, 'live grant')}${where}${there}${out}?`;
}
