import type { Engineer } from '../../client/engineer.ts';
import { formatDuration } from '../../core/duration-text.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { Approval } from '../../core/ports/backend.ts';
import type { DossierView, RequestView } from '../../core/view.ts';
import { encodeRequest } from '../../core/wire/request.ts';
import { keepScopes } from '../asking/keep-scopes.ts';
import type { CommandContext } from '../command.ts';
import { type Command, Option } from '../commander.ts';
import { addCommonOptions, type CommonOptions, collect, readDuration } from '../options.ts';
import { describeNarrowing, describeProgress } from '../reviewing/approvals.ts';
import { chooseReview } from '../reviewing/choose-review.ts';
import { tellDossier } from '../reviewing/dossier-text.ts';
import { describeAccess, describeDeadline, printJson } from '../text/output.ts';
import { withLogin } from '../with-login.ts';
import type { World } from '../world.ts';

type ApproveFlags = CommonOptions & {
  readonly for?: string;
  readonly without?: readonly string[];
  readonly only?: readonly string[];
  readonly reason?: string;
  readonly digest?: string;
  readonly yes?: boolean;
};

export function define(command: Command, { world, exit }: CommandContext): void {
  addCommonOptions(command)
    .argument('[request]', 'which request: its id, or the last characters of it')
    .option('--for <duration>', 'for less time than was asked')
    .addOption(new Option('--without <scope>', 'drop a scope; more than once').argParser(collect))
    .addOption(new Option('--only <scope>', 'only this scope; more than once').argParser(collect))
    .option('--reason <text>', 'what to say to whoever asked')
    .option('--digest <digest>', 'only if it is still what had this digest in jit inbox --json')
    .option('--yes', 'do not ask whether it is meant; without a terminal this or --digest has to be there')
    .action(async (typed: string | undefined, flags: ApproveFlags) => exit(await run(world, typed, flags)));
}

async function run(world: World, typed: string | undefined, flags: ApproveFlags): Promise<number> {
  const durationSeconds = flags.for === undefined ? null : readDuration(world, flags.for);
  const engineer = await world.connect(flags);
  const id = await chooseReview(world, engineer, { typed, among: 'requests' });
  const request = await approve(world, engineer, { id, flags, durationSeconds });
  if (flags.json) printJson(world, { request: encodeRequest(request) });
  tellApproved(world, request);
  return 0;
}

type Approving = {
  readonly id: string;
  readonly flags: ApproveFlags;
  readonly durationSeconds: number | null;
};

/** What was looked at is what is approved (APR-03): what has changed meanwhile is looked at again, where somebody can. */
async function approve(world: World, engineer: Engineer, approving: Approving): Promise<RequestView> {
  const { id, flags } = approving;
  const dossier = await withLogin(world, engineer, () => engineer.readDossier(id));
  if (!flags.json || world.terminal.interactive) tellDossier(world, dossier);
  requireUndecided(dossier.request);
  const approval = buildApproval(dossier, approving);
  await confirm(world, { dossier, approval, flags });
  try {
    return await withLogin(world, engineer, () => engineer.approve(id, approval));
  } catch (error) {
    const canLook = world.terminal.interactive && !flags.yes && flags.digest === undefined;
    if (!canLook || !hasCode(error, 'request_changed')) throw error;
    world.terminal.tell(`${world.terminal.paint.warn('!')} ${error.message}`);
    return approve(world, engineer, approving);
  }
}

/** Nobody is asked whether they mean what can no longer be done. */
function requireUndecided({ id, state, afterwards }: RequestView): void {
  if (state === 'pending') return;
  if (afterwards === null || afterwards.by !== null) throw fail('already_decided', { id, state });
  const next = `say whether it was justified with jit review ${id}`;
  throw fail('already_decided', { id, state: 'granted by break-glass', next });
}

function buildApproval({ request }: DossierView, { flags, durationSeconds }: Approving): Approval {
  if (durationSeconds !== null && durationSeconds > request.durationSeconds)
    throw fail('cannot_widen', {
      why: `${formatDuration(durationSeconds)} is more than the ${formatDuration(request.durationSeconds)} that were asked for`,
    });
  return {
    scopes: keepScopes(request.scopes, flags),
    durationSeconds,
    reason: flags.reason ?? null,
    digest: flags.digest ?? request.digest,
  };
}

type Confirming = {
  readonly dossier: DossierView;
  readonly approval: Approval;
  readonly flags: ApproveFlags;
};

/** What cannot be taken back is not done because nobody could be asked: `--yes`, or the digest of what was read, says it. */
async function confirm(world: World, { dossier, approval, flags }: Confirming): Promise<void> {
  if (flags.yes || (flags.digest !== undefined && !world.terminal.interactive)) return;
  const { request } = dossier;
  const less = describeNarrowing({
    originally: request,
    scopes: approval.scopes ?? request.scopes,
    durationSeconds: approval.durationSeconds ?? request.durationSeconds,
  });
  const question = less === '' ? 'Approve it?' : `Approve it ${less}?`;
  if (!world.terminal.interactive)
    throw fail('missing_answer', {
      what: `the answer to "${question}"`,
      flag: '--yes, or --digest with what jit inbox --json shows',
    });
  if (await world.terminal.confirm(question, { fallback: false })) return;
  throw fail('interrupted', { why: 'nothing was decided' });
}

function tellApproved(world: World, request: RequestView): void {
  const { tell, paint } = world.terminal;
  const access = describeAccess(request);
  if (request.state === 'pending') {
    tell(`${paint.good('✔')} your approval is given · ${access}`);
    tell(`  ${describeProgress(world, request)}`);
    return;
  }
  tell(`${paint.good('✔')} approved for ${request.requestedBy} · ${access}`);
  if (request.claimBy) tell(`  to be picked up ${describeDeadline(world, request.claimBy)}`);
  const less = describeNarrowing(request);
  if (less !== '') tell(`  ${less}`);
}
