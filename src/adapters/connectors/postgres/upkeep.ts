import { fail } from '../../../core/errors.ts';
import type { Upkeep } from '../../../core/ports/connector.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { type AccountWork, findAccounts, retireAccount } from './account.ts';
import type { Administrator } from './administrator.ts';
import { toTargetFailure } from './failure.ts';
import { buildVerifier } from './scram.ts';
import { block, takeTurn, text } from './sql.ts';

/** What is replaced, and how often. */
export type UpkeepOrder = {
  readonly accounts: readonly string[];
  readonly rotateSeconds: number | undefined;
  readonly administrator: (Administrator & { readonly user: string }) | undefined;
  readonly rotateAdminSeconds: number | undefined;
};

/** Each for itself: what fails is told, and keeps nothing else from being done. */
export async function keepUp(work: AccountWork, order: UpkeepOrder): Promise<Upkeep> {
  const { accounts, rotateSeconds, administrator, rotateAdminSeconds } = order;
  const tasks = [
    ...(rotateSeconds === undefined
      ? []
      : accounts.map((account) => rotateAccount(work, { account, rotateSeconds }))),
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

/** One that jit never had is due at once: nobody knows who knows its password. */
async function rotateAccount(
  work: AccountWork,
  { account, rotateSeconds }: { readonly account: string; readonly rotateSeconds: number },
): Promise<readonly string[]> {
  const { target, clock } = work.deadline;
  const [found] = await findAccounts(work, [account]);
  if (!found) throw fail('target_failed', { target, why: `there is no role ${account}` });
  const { said } = found;
  if (said && (said.holder !== undefined || said.since + rotateSeconds * SECOND_MS > clock.now())) return [];
  return (await retireAccount(work, found)).isDone ? [account] : [];
}

type AdministratorTask = {
  readonly administrator: Administrator & { readonly user: string };
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
