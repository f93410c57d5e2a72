import { formatInstant, type Instant } from '../../../core/time.ts';
import { readGrantId } from './role-name.ts';
import { buildConnectionLimit, buildSettingsSql, type SessionSettings } from './session-settings.ts';
import { block, JOIN_TARGET, takeTurn, text, textArray } from './sql.ts';

export type RoleOrder = {
  readonly role: string;
  readonly verifier: string;
  readonly memberOf: readonly string[];
  /** Kept by the role's comment, where only administrators can write. */
  readonly grantVersion: number;
  readonly expiresAt: Instant;
  readonly settings: SessionSettings;
};

/**
 * Makes the role, or gives the one that is there a new password, the end and exactly these memberships and settings.
 * From PostgreSQL 16 on it may use the prepared roles and not become one: what it makes is its own, and is looked at when
 * it goes. Fails where a later version has it: its password is in use.
 */
export function buildIssueSql(order: RoleOrder): string {
  const declare = `
    wanted text[] := ${textArray(order.memberOf)};
    verb text := 'CREATE';
    other text;
    seen bigint;`;
  const body = `
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = target) THEN
      verb := 'ALTER';
      seen := substring(shobj_description(target::regrole, 'pg_authid'), ' version ([0-9]{1,15})$');
      IF seen > ${order.grantVersion} THEN RAISE EXCEPTION 'a later claim has the role %', target; END IF;
    END IF;
    EXECUTE format(verb || ' ROLE %I LOGIN INHERIT ${buildConnectionLimit(order.settings)} PASSWORD %L VALID UNTIL %L',
      target, ${text(order.verifier)}, '${formatInstant(order.expiresAt)}');
    IF verb = 'ALTER' THEN ${REVOKE_OTHERS} END IF;
    ${buildSettingsSql(order.settings)}
    IF cardinality(wanted) > 0 THEN
      EXECUTE format('GRANT %s TO %I', (SELECT string_agg(format('%I', name), ', ') FROM unnest(wanted) AS name), target)
        || CASE WHEN can_choose THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END;
    END IF;
    ${JOIN_TARGET}
    EXECUTE format('COMMENT ON ROLE %I IS %L', target, ${text(describeRole(order))});`;
  return block({ role: order.role, before: takeTurn(order.role), declare, body });
}

function describeRole({ role, grantVersion }: RoleOrder): string {
  return `jit grant ${readGrantId(role)} version ${grantVersion}`;
}

const REVOKE_OTHERS = `
  FOR other IN
    SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
      WHERE m.member = target::regrole AND g.rolname <> ALL (wanted)
  LOOP
    EXECUTE format('REVOKE %I FROM %I', other, target);
  END LOOP;`;

/** Fails when the role is not there. */
export function buildExtendSql(role: string, expiresAt: Instant): string {
  const body = `EXECUTE format('ALTER ROLE %I VALID UNTIL %L', target, '${formatInstant(expiresAt)}');`;
  return block({ role, before: takeTurn(role), body });
}
