import { block, REFUSE_PREPARED, takeTurn, text } from './sql.ts';

/**
 * In one database: everything that the role owns goes to a keeper whose member `recipient` is, then its privileges go.
 * Never drops what is owned: with no recipient, or when something cannot be handed over, it fails and changes nothing.
 */
export function buildHandOverSql(role: string, recipient: string | undefined): string {
  const declare = `
    id oid := (SELECT oid FROM pg_roles WHERE rolname = target);
    recipient text := ${recipient === undefined ? 'NULL' : text(recipient)};
    recipient_id oid := (SELECT oid FROM pg_roles WHERE rolname = recipient);
    keeper text := 'kept_by_jit_' || to_hex(hashtextextended(current_user || ' ' || recipient, 0));
    foreign_key record;
    left_over text;
    schema_name text;
    routine regprocedure;
    view_name regclass;`;
  const body = `
    IF id IS NULL THEN RETURN; END IF;
    ${REFUSE_PREPARED}
    IF recipient IS NOT NULL AND EXISTS (SELECT FROM pg_shdepend s JOIN pg_database d ON d.datname = current_database()
        WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = id AND s.deptype = 'o' AND s.dbid IN (0, d.oid))
      THEN ${REASSIGN} END IF;
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
    END IF;`;
  return block({ role, before: takeTurn(role), declare, body });
}

// One object that still knows the role, here or shared by all databases. DROP OWNED only warns of those it must leave.
const DESCRIBE_LEFT = `
  max(pg_describe_object(s.classid, s.objid, s.objsubid)) INTO left_over
    FROM pg_shdepend s JOIN pg_database d ON d.datname = current_database()
    WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = id AND s.dbid IN (0, d.oid)`;

// What runs as its owner would run as the keeper from now on, for everyone who may use it, and show them what others left
// there. It is kept, and runs as its caller; views do from 15 on.
const DISARM_WHAT_RUNS = `
  FOR routine IN SELECT oid FROM pg_proc WHERE proowner = id AND prosecdef LOOP
    EXECUTE format('ALTER ROUTINE %s SECURITY INVOKER', routine);
  END LOOP;
  IF current_setting('server_version_num')::int >= 150000 THEN
    FOR view_name IN SELECT oid FROM pg_class WHERE relowner = id AND relkind = 'v' LOOP
      EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', view_name);
    END LOOP;
  END IF;`;

// Whatever has an owner may run as its owner: rules, the functions in an index when the table is analysed, what a foreign key
// sets off. So the owner is a role that may nothing but have these things, and those who are to have them are its members.
// Roles belong to all databases, and so does the lock on one that is commented on: one transaction at a time works on a keeper.
// Its member cannot be what it borrows CREATE from, for as long as it does: nobody else ever sees that.
const PREPARE_KEEPER = `
  IF to_regrole(keeper) IS NULL THEN
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', keeper);
    EXCEPTION WHEN unique_violation OR duplicate_object THEN
      NULL;
    END;
  END IF;
  EXECUTE format('COMMENT ON ROLE %I IS %L', keeper, 'owns what engineers made, for ' || recipient);
  IF NOT (pg_has_role(current_user, keeper, 'USAGE')
      AND pg_has_role(current_user, keeper, CASE WHEN can_choose THEN 'SET' ELSE 'MEMBER' END)) THEN
    EXECUTE format('GRANT %I TO CURRENT_USER', keeper)
      || CASE WHEN can_choose THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
  END IF;
  IF EXISTS (SELECT FROM pg_auth_members WHERE roleid = keeper::regrole AND member = recipient_id) THEN
    EXECUTE format('REVOKE %I FROM %I', keeper, recipient);
  END IF;
  EXECUTE format('GRANT %I TO %I', target, keeper);`;

// The checks of a foreign key run as the table's owner too, when a row that it points to is deleted: an owner who may not
// look into the schema would have everybody's deletes fail.
const DROP_FAILING_KEYS = `
  FOR foreign_key IN SELECT c.conrelid::regclass AS table_name, c.conname FROM pg_constraint c
      JOIN pg_class r ON r.oid = c.conrelid
      WHERE c.contype = 'f' AND c.conparentid = 0 AND r.relowner = keeper::regrole
        AND NOT has_schema_privilege(keeper, r.relnamespace, 'USAGE') LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', foreign_key.table_name, foreign_key.conname);
  END LOOP;`;

// Schemas first: the new owner needs CREATE in the schema of a function, and has it as the schema's owner.
const REASSIGN = `
  ${PREPARE_KEEPER}
  ${DISARM_WHAT_RUNS}
  FOR schema_name IN SELECT nspname FROM pg_namespace WHERE nspowner = id LOOP
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', schema_name, keeper);
  END LOOP;
  EXECUTE format('REASSIGN OWNED BY %I TO %I', target, keeper);
  EXECUTE format('REVOKE %I FROM %I', target, keeper);
  ${DROP_FAILING_KEYS}
  EXECUTE format('GRANT %I TO %I', keeper, recipient)
    || CASE WHEN can_choose THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END;`;
