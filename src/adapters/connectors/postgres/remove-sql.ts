import { isHeldBy } from './account-mark.ts';
import type { Namer } from './role-name.ts';
import {
  ACTIVITY,
  block,
  END_SESSIONS,
  FORBID_LOGIN,
  JOIN_TARGET,
  REFUSE_PREPARED,
  takeTurn,
  text,
} from './sql.ts';

/**
 * No new logins, and the administrator may act on the role. Has to be committed before sessions are ended. Takes no lock that
 * an engineer could have taken. The row says how many sessions had to be `ended` for it.
 */
export function buildDisarmSql(role: string): string {
  const declare = 'ended int := 0;';
  const body = `
    PERFORM set_config('jit.ended', '0', true);
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = target) THEN RETURN; END IF;
    ${JOIN_TARGET}
    ${FORBID_LOGIN}
    PERFORM set_config('jit.ended', ended::text, true);`;
  return `${block({ role, declare, body })} SELECT current_setting('jit.ended')::int AS ended;`;
}

/**
 * Ends sessions until none is left, and only then waits for its turn: they may be what keeps it waiting. Then drops the role
 * if nothing holds it. The row says what happened: `gone`, `role_id`, `ended` (sessions) and `databases` (where something of
 * the role's is left).
 */
export function buildFinishSql(role: string): string {
  const id = 'id oid := (SELECT oid FROM pg_roles WHERE rolname = target);';
  const end = `
    DECLARE
      ${id}
      ended int := 0;
    BEGIN
      IF id IS NOT NULL THEN ${END_SESSIONS} END IF;
      PERFORM set_config('jit.ended', ended::text, true);
    END;`;
  const body = `
    IF id IS NOT NULL THEN
      ${FIND_HOLDERS}
      IF holders IS NULL THEN ${DROP} END IF;
    END IF;
    PERFORM set_config('jit.report', json_build_object('gone', id IS NULL OR holders IS NULL, 'role_id', id,
      'ended', current_setting('jit.ended')::int, 'databases', coalesce(holders, '{}'))::text, true);`;
  const before = `${end} ${takeTurn(role)}`;
  return `${block({ role, before, declare: `${id} holders text[];`, body })}
    SELECT current_setting('jit.report')::json AS report;`;
}

const FIND_HOLDERS = `
  ${REFUSE_PREPARED}
  IF EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = id) THEN
    SELECT array_agg(DISTINCT coalesce(d.datname, current_database())::text) INTO holders
      FROM pg_shdepend s LEFT JOIN pg_database d ON d.oid = s.dbid
      WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = id;
  END IF;`;

// A login that was let in just before NOLOGIN shows only now: then nothing is dropped, and the next try ends it.
const DROP = `
  EXECUTE format('DROP ROLE %I', target);
  PERFORM pg_stat_clear_snapshot();
  IF EXISTS (SELECT FROM ${ACTIVITY} WHERE usesysid = id) THEN
    RAISE EXCEPTION 'a session of % came in meanwhile', target;
  END IF;`;

/** What is left of a role, looked for from outside the transaction that dropped it; and accounts that its grant has. */
export function buildLookSql(
  namer: Namer,
  options: { readonly role: string; readonly roleId: number },
): string {
  const { role, roleId } = options;
  return `SELECT (SELECT count(*)::int FROM pg_roles WHERE rolname = ${text(role)}) AS roles,
    (SELECT count(*)::int FROM ${ACTIVITY} WHERE usesysid = ${roleId}) AS sessions,
    (SELECT count(*)::int FROM pg_shdescription d WHERE d.classoid = 'pg_authid'::regclass
      AND ${isHeldBy('d.description', { namer, handle: role })}) AS accounts;`;
}
