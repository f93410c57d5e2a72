import type { Engineer } from '../../client/engineer.ts';
import { fail } from '../../core/errors.ts';
import type { GrantView, RevokedView, Selection } from '../../core/view.ts';
import { encodeRevoked } from '../../core/wire/revocation.ts';
import type { CommonOptions } from '../options.ts';
import { count } from '../text/count.ts';
import { describeEnd, describeGrant, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';
import { requireConfirmed, tellGivenBack } from './give-back-text.ts';
import { confirmRevocation } from './revoke-confirm.ts';

export type RevokeManyFlags = CommonOptions & {
  readonly user?: string | undefined;
  readonly target?: string | undefined;
  readonly everyone?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly count?: string | undefined;
};

/** So many are named before they are taken away; their number is always said. */
const MOST_NAMED = 20;

/** What others hold, where policy lets one take it: shown, confirmed, taken away, and proved part by part. */
export async function revokeSelected(world: World, flags: RevokeManyFlags): Promise<number> {
  const selection = readSelection(flags);
  const engineer = await world.connect(flags);
  const grants = await withLogin(world, engineer, () => engineer.listRevocable(selection));
  if (grants.length === 0 && selection.user === null && !flags.everyone && !flags.yes)
    throw fail('no_grant', {
      why: `there is no live grant on ${selection.target} that you may take away`,
      next: `jit revoke --target ${selection.target} --yes takes open requests there, too`,
    });
  tellSelected(world, grants);
  const isMine = !flags.yes && (await isAllMine(engineer, { grants, flags }));
  await confirmRevocation(world, { grants, flags, isMine });
  const meant = isMine ? { ...selection, user: (await engineer.readPerson()).subject } : selection;
  const exitCode = await finish(world, engineer, {
    revoked: await take(world, engineer, { selection: meant, grants }),
    flags,
  });
  if (isMine) world.terminal.tell('  only yours was taken; --yes takes open requests of others there, too');
  return exitCode;
}

function readSelection({ user, target, everyone }: RevokeManyFlags): Selection {
  if (everyone && (user !== undefined || target !== undefined))
    throw fail('usage', { why: '--everyone is everybody everywhere: leave out --user and --target' });
  return { user: user ?? null, target: target ?? null };
}

function tellSelected(world: World, grants: readonly GrantView[]): void {
  const { tell } = world.terminal;
  for (const grant of grants.slice(0, MOST_NAMED))
    tell(`  ${grant.heldBy} · ${describeGrant(grant)} · ${describeEnd(world, grant.expiresAt)}`);
  if (grants.length > MOST_NAMED) tell(`  and ${grants.length - MOST_NAMED} more`);
}

/** One's own on a target are taken away without a question, as `jit done` does: and then nothing of anybody else's. */
async function isAllMine(
  engineer: Engineer,
  { grants, flags }: { readonly grants: readonly GrantView[]; readonly flags: RevokeManyFlags },
): Promise<boolean> {
  if (flags.user !== undefined || flags.everyone) return false;
  const mine = new Set((await engineer.listMine()).map((grant) => grant.id));
  return grants.every((grant) => mine.has(grant.id));
}

async function take(
  world: World,
  engineer: Engineer,
  { selection, grants }: { readonly selection: Selection; readonly grants: readonly GrantView[] },
): Promise<RevokedView> {
  const what =
    grants.length === 0 ? 'what is open' : grants.length === 1 ? 'the grant' : `${grants.length} grants`;
  return withLogin(world, engineer, async () => {
    const spinner = world.terminal.startSpinner(`taking ${what} away, and waiting for proof`);
    try {
      return await engineer.revokeMany(selection);
    } finally {
      spinner.stop();
    }
  });
}

async function finish(
  world: World,
  engineer: Engineer,
  { revoked, flags }: { readonly revoked: RevokedView; readonly flags: RevokeManyFlags },
): Promise<number> {
  const { grants, cancelled, sessionsEnded } = revoked;
  if (grants.length + cancelled + sessionsEnded === 0)
    throw fail('no_grant', { why: describeNothing(flags), next: 'jit status shows what is yours' });
  if (flags.json) printJson(world, encodeRevoked(revoked));
  const given = grants.map((grant) => ({ grant, isKeychainCleared: false, obstacle: undefined }));
  tellGivenBack(world, { server: engineer.server, state: await world.state.read(), given, withHolder: true });
  const { tell, paint } = world.terminal;
  if (cancelled > 0) tell(`${paint.good('✔')} ${count(cancelled, 'open request')} cancelled`);
  if (sessionsEnded > 0)
    tell(`${paint.good('✔')} ${describeLogout(flags.user ?? 'everybody', sessionsEnded)}`);
  if (!flags.json) requireConfirmed(given);
  return grants.every((grant) => grant.revocation.confirmed) ? 0 : 7;
}

function describeLogout(user: string, sessions: number): string {
  return `${user} was logged out (${count(sessions, 'session')}) and must log in again`;
}

function describeNothing({ user, target }: RevokeManyFlags): string {
  const whose = user === undefined ? '' : ` of ${user}`;
  const where = target === undefined ? '' : ` on ${target}`;
  return `there is nothing${whose}${where} that you may take away; nothing was revoked`;
}
