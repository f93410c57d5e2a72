import { fail } from '../../../core/errors.ts';
import type { Handle } from '../../../core/ports/connector.ts';
import { formatInstant, type Instant } from '../../../core/time.ts';
import { type Deadline, requireTime } from '../deadline.ts';
import { formatMark, type Mark, parseMark } from './account-mark.ts';
import {
  buildCloseSql,
  buildFindHeldSql,
  buildFindSql,
  buildForbidSql,
  buildProlongSql,
  buildReleaseSql,
  buildTakeSql,
  type Seen,
} from './account-sql.ts';
import type { Connections, Row } from './connections.ts';
import type { Namer } from './role-name.ts';
import { buildVerifier, createPassword } from './scram.ts';
import type { SessionSettings } from './session-settings.ts';

/** Where accounts are, who writes their marks, and until when it may take. */
export type AccountWork = {
  readonly connections: Connections;
  readonly namer: Namer;
  readonly deadline: Deadline;
};

/** An account of the server, and what its mark says; undefined: jit never had it. */
export type Account = Seen & {
  readonly said: Mark | undefined;
  readonly untilAt: Instant;
  readonly makesRoles: boolean;
};

export type Taking = {
  readonly account: string;
  readonly handle: Handle;
  readonly verifier: string;
  readonly expiresAt: Instant;
  readonly settings: SessionSettings;
};

type Report = { readonly changed?: boolean; readonly open?: boolean; readonly ended?: number };

/** Of these names, the accounts that there are. */
export async function findAccounts(work: AccountWork, names: readonly string[]): Promise<readonly Account[]> {
  return readAccounts(work, await ask(work, buildFindSql(names)));
}

/** The grant gets the account. Throws `target_failed` while another grant has it. */
export async function takeAccount(work: AccountWork, taking: Taking): Promise<void> {
  for (;;) {
    requireTime(work.deadline);
    const [found] = await findAccounts(work, [taking.account]);
    if (!found) throw refuse(work, `there is no role ${taking.account}`);
    const { account, mark, said } = found;
    // A login that its holder made would be access that no end of a grant takes away.
    if (found.makesRoles) throw refuse(work, `${account} can make roles, which would outlive a grant`);
    if (said?.holder !== undefined && said.holder !== taking.handle) throw describeHeld(work, found);
    const nextMark =
      said?.holder === taking.handle && mark !== null
        ? mark
        : formatMark(work.namer, { holder: taking.handle, since: work.deadline.clock.now() });
    const report = said
      ? await run(work, buildTakeSql({ ...taking, account, mark, nextMark }))
      : { open: true };
    if (report.open) await retireAccount(work, found);
    else if (!report.changed) return;
  }
}

/** Throws `target_failed` where the grant does not have the account. */
export async function prolongAccount(
  work: AccountWork,
  { account, handle, expiresAt }: Pick<Taking, 'account' | 'handle' | 'expiresAt'>,
): Promise<void> {
  const held = (await findHeld(work, handle)).find((one) => one.account === account);
  const report = held && (await run(work, buildProlongSql({ ...held, expiresAt })));
  if (!report || report.changed) throw refuse(work, `the grant does not have ${account}`);
}

/** Takes back whatever the grant has, and looks again. The number of sessions that were ended. */
export async function giveBackAccounts(work: AccountWork, handle: Handle): Promise<number> {
  let sessionsEnded = 0;
  for (;;) {
    requireTime(work.deadline);
    const held = await findHeld(work, handle);
    if (held.length === 0) return sessionsEnded;
    for (const account of held) sessionsEnded += (await retireAccount(work, account)).sessionsEnded;
  }
}

/**
 * Somebody may have written another comment in the meantime, and the mark is gone. An account that jit gave to a grant has an
 * end all the same, and one that it took back has none: the first is taken back.
 */
export async function giveBackUnmarked(work: AccountWork, names: readonly string[]): Promise<number> {
  if (names.length === 0) return 0;
  const unmarked = (await ask(work, buildFindSql(names))).filter(({ mark }) => mark === null);
  const lost = readAccounts(work, unmarked).filter(
    ({ untilAt, makesRoles }) => hasEnd(untilAt) && !makesRoles,
  );
  let sessionsEnded = 0;
  for (const account of lost) sessionsEnded += (await retireAccount(work, account)).sessionsEnded;
  return sessionsEnded;
}

/**
 * Nobody can log in to the account, nobody is, and nobody knows its password: then it is nobody's. `isDone` is false where
 * somebody else was faster, and nothing of theirs is touched.
 */
export async function retireAccount(
  work: AccountWork,
  seen: Seen,
): Promise<{ readonly isDone: boolean; readonly sessionsEnded: number }> {
  let sessionsEnded = 0;
  for (;;) {
    requireTime(work.deadline);
    const { account, mark } = seen;
    const verifier = await buildVerifier(createPassword());
    const since = work.deadline.clock.now();
    const nextMark = formatMark(work.namer, { holder: undefined, since });
    const report = await runAll(work, [
      buildForbidSql(seen),
      buildCloseSql({ account, mark, verifier }),
      buildReleaseSql({ account, mark, nextMark }),
    ]);
    sessionsEnded += report.ended ?? 0;
    if (!report.open) return { isDone: !report.changed, sessionsEnded };
  }
}

/** One after the other, as long as each finds what it expects. */
async function runAll(work: AccountWork, steps: readonly string[]): Promise<Report> {
  let ended = 0;
  for (const sql of steps) {
    const report = await run(work, sql);
    ended += report.ended ?? 0;
    if (report.open || report.changed) return { ...report, ended };
  }
  return { ended };
}

/** Without one there is NULL, which is 0 here, or infinity. */
function hasEnd(untilAt: Instant): boolean {
  return untilAt > 0 && Number.isFinite(untilAt);
}

async function findHeld(work: AccountWork, handle: Handle): Promise<readonly Account[]> {
  return readAccounts(work, await ask(work, buildFindHeldSql(work.namer, handle)));
}

function readAccounts({ namer }: AccountWork, rows: readonly Row[]): readonly Account[] {
  return rows.map((row) => {
    const account = String(row.account);
    const mark = typeof row.mark === 'string' ? row.mark : null;
    const said = parseMark({ account, mark }, namer);
    return { account, mark, said, untilAt: Number(row.until_at), makesRoles: row.makes_roles === true };
  });
}

async function run(work: AccountWork, sql: string): Promise<Report> {
  const [row] = await ask(work, sql);
  return (row?.report ?? {}) as Report;
}

function ask({ connections, deadline }: AccountWork, sql: string): Promise<readonly Row[]> {
  return connections.run({ sql, deadline });
}

function describeHeld(work: AccountWork, { account, untilAt }: Account): Error {
  const isOver = !(Number.isFinite(untilAt) && untilAt > work.deadline.clock.now());
  const until = isOver ? 'is being taken back' : `is somebody else's until ${formatInstant(untilAt)}`;
  return refuse(work, `${account} ${until}, and one at a time has it`);
}

function refuse({ deadline }: AccountWork, why: string): Error {
  return fail('target_failed', { target: deadline.target, why });
}
