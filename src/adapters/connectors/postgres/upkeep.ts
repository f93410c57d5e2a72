import { fail } from '../../../core/errors.ts';
import type { Upkeep, UpkeepOrder } from '../../../core/ports/connector.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { type Account, type AccountWork, findAccounts, retireAccount } from './account.ts';
import type { Administrator } from './administrator.ts';
import { toTargetFailure } from './failure.ts';
import { buildVerifier } from './scram.ts';
import { block, takeTurn, text } from './sql.ts';

/** What is replaced, and how often. */
export type UpkeepRules = {
  readonly accounts: readonly string[];
  readonly rotateSeconds: number | undefined;
  readonly administrator: Administrator | undefined;
  readonly rotateAdminSeconds: number | undefined;
};

type Notes = Pick<UpkeepOrder, 'begun' | 'record'>;

/** Each for itself: what fails is told, and keeps nothing else from being done. */
export async function keepUp(work: AccountWork, order: UpkeepRules & Notes): Promise<Upkeep> {
  const { accounts, rotateSeconds, administrator, rotateAdminSeconds } = order;
  const tasks = [
    ...(rotateSeconds === undefined
      ? []
      : accounts.map((account) => rotateAccount(work, { ...order, account, rotateSeconds }))),
    ...(rotateAdminSeconds === undefined || !administrator
      ? []
      : [rotateAdministrator(work, { administrator, rotateAdminSeconds })]),
  ];
  const settled = await Promise.allSettled(tasks);
  return {
    rotated: settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    failures: settled.flatMap((result) =>
      result.status === 'rejected' ? [toTargetFailure(work.deadline.target, result.reason)] : [],
    ),
  };
}

type AccountTask = Notes & { readonly account: string; readonly rotateSeconds: number };

/** One that jit never had is due at once: nobody knows who knows its password. Nobody's is taken from who holds it. */
async function rotateAccount(work: AccountWork, task: AccountTask): Promise<readonly string[]> {
  const { account, rotateSeconds, begun, record } = task;
  const isFresh = ({ said }: Account): boolean =>
    said !== undefined && said.since + rotateSeconds * SECOND_MS > work.deadline.clock.now();
  const found = await findAccount(work, account);
  if (isHeld(found) || (isFresh(found) && !begun.includes(account))) return [];
  const isDue = async (): Promise<boolean> => {
    const now = await findAccount(work, account);
    return !isHeld(now) && !isFresh(now);
  };
  const replace = async (): Promise<boolean> => {
    const before = await findAccount(work, account);
    if (isHeld(before)) return false;
    const { isDone } = await retireAccount(work, before);
    if (isDone) return true;
    // Another replica was faster, and who has the note says so; or a claim was.
    const after = await findAccount(work, account);
    return !isHeld(after) && isFresh(after);
  };
  return (await record({ account, isDue, replace })) ? [account] : [];
}

async function findAccount(work: AccountWork, account: string): Promise<Account> {
  const [found] = await findAccounts(work, [account]);
  if (found) return found;
  throw fail('target_failed', { target: work.deadline.target, why: `there is no role ${account}` });
}

function isHeld({ said }: Account): boolean {
  return said?.holder !== undefined;
}

type AdministratorTask = {
  readonly administrator: Administrator;
  readonly rotateAdminSeconds: number;
};

/** Until the new password was seen to work, both are on record. */
async function rotateAdministrator(
  { connections, deadline }: AccountWork,
  { administrator, rotateAdminSeconds }: AdministratorTask,
): Promise<readonly string[]> {
  const { user } = administrator;
  const next = await administrator.begin(rotateAdminSeconds);
  if (!next) return [];
  const verifier = await buildVerifier(next);
  const body = `EXECUTE format('ALTER ROLE %I PASSWORD %L', target, ${text(verifier)});`;
  const sql = block({ role: user, before: takeTurn(user), body });
  await connections.run({ sql, deadline });
  await connections.runElsewhere({ login: { role: user, password: next } }, { sql: 'SELECT 1;', deadline });
  return (await administrator.confirm(next)) ? [user] : [];
}
