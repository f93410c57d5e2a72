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

/**
 * In one database: everything that the role owns goes to `recipient`, then its privileges go. Never drops what
 * is owned: with no recipient, or when something cannot be handed over, it fails and changes nothing.
 */
export function buildHandOverSql(role: string, recipient: string | undefined): string {
  const declare = `
    id oid := (SELECT oid FROM pg_roles WHERE rolname = target);
    recipient text := ${recipient === undefined ? 'NULL' : text(recipient)};
    borrowed boolean := false;
    left_over text;
    schema_name text;
    routine regprocedure;
    view_name regclass;`;
  const body = `
    IF id IS NULL THEN RETURN; END IF;
    ${REFUSE_PREPARED}
    IF recipient IS NOT NULL THEN ${REASSIGN} END IF;
    SELECT ${DESCRIBE_LEFT} AND s.deptype = 'o'
        AND s.classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass);
    IF left_over IS NOT NULL THEN
      RAISE EXCEPTION '% owns % in % and no role takes it: set "owner"', target, left_over, current_database();
    END IF;
    EXECUTE format('DROP OWNED BY %I', target);
    SELECT ${DESCRIBE_LEFT};
    IF left_over IS NOT NULL THEN
      RAISE EXCEPTION 'somebody else gave % privileges on %: have them revoked in %',
        target, left_over, current_database();
    END IF;
    IF borrowed THEN EXECUTE format('REVOKE %I FROM CURRENT_USER', recipient); END IF;`;
  return block({ role, before: takeTurn(role), declare, body });
}

// One object that still knows the role, here or shared by all databases. DROP OWNED only warns of those it must leave.
const DESCRIBE_LEFT = `
  max(pg_describe_object(s.classid, s.objid, s.objsubid)) INTO left_over
    FROM pg_shdepend s JOIN pg_database d ON d.datname = current_database()
    WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = id AND s.dbid IN (0, d.oid)`;

// What runs as its owner would run as the recipient from now on, for everyone who may use it: access that outlives the
// grant. It is kept, and runs as its caller; views do from 15 on.
const DISARM_WHAT_RUNS = `
  FOR routine IN SELECT oid FROM pg_proc WHERE proowner = id AND prosecdef LOOP
    EXECUTE format('ALTER ROUTINE %s SECURITY INVOKER', routine);
  END LOOP;
  IF current_setting('server_version_num')::int >= 150000 THEN
    FOR view_name IN SELECT oid FROM pg_class WHERE relowner = id AND relkind = 'v' LOOP
      EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', view_name);
    END LOOP;
  END IF;`;

// Schemas first: the new owner needs CREATE in the schema of a function, and has it as the schema's owner.
// The administrator borrows the recipient's privileges where it has none; nobody else ever sees that.
const REASSIGN = `
  IF NOT (pg_has_role(current_user, recipient, 'USAGE')
      AND pg_has_role(current_user, recipient, CASE WHEN can_choose THEN 'SET' ELSE 'MEMBER' END)) THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('jit borrows ' || recipient, 0));
    EXECUTE format('GRANT %I TO CURRENT_USER', recipient)
      || CASE WHEN can_choose THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
    borrowed := true;
  END IF;
  ${DISARM_WHAT_RUNS}
  FOR schema_name IN SELECT nspname FROM pg_namespace WHERE nspowner = id LOOP
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', schema_name, recipient);
  END LOOP;
  EXECUTE format('REASSIGN OWNED BY %I TO %I', target, recipient);`;
