import { formatInstant, type Instant } from '../../../core/time.ts';
import { findMark, isHeldBy, replaceMark } from './account-mark.ts';
import type { Namer } from './role-name.ts';
import { buildConnectionLimit, buildSettingsSql, type SessionSettings } from './session-settings.ts';
import {
  ACTIVITY,
  block,
  END_SESSIONS,
  FORBID_LOGIN,
  JOIN_TARGET,
  REFUSE_PREPARED,
  takeTurn,
  text,
  textArray,
} from './sql.ts';

/** An account as it was read: a step does nothing, and reports `changed`, where its mark is another one by then. */
export type Seen = { readonly account: string; readonly mark: string | null };

const NOTES = `pg_roles r LEFT JOIN pg_shdescription d ON d.objoid = r.oid AND d.classoid = 'pg_authid'::regclass`;
const COLUMNS = `r.rolname::text AS account, ${findMark('d.description')} AS mark,
  floor(extract(epoch FROM r.rolvaliduntil) * 1000)::float8 AS until_at, EXISTS (
    SELECT FROM pg_roles maker WHERE (maker.rolsuper OR maker.rolcreaterole) AND pg_has_role(r.oid, maker.oid, 'MEMBER')
  ) AS makes_roles`;

/** `account`, `mark`, `until_at` (milliseconds) and `makes_roles` of those that there are. */
export function buildFindSql(accounts: readonly string[]): string {
  return `SELECT ${COLUMNS} FROM ${NOTES} WHERE r.rolname::text = ANY (${textArray(accounts)});`;
}

/** The columns of `buildFindSql`, of the accounts that a grant holds. */
export function buildFindHeldSql(namer: Namer, handle: string): string {
  return `SELECT ${COLUMNS} FROM ${NOTES} WHERE ${isHeldBy('d.description', { namer, handle })};`;
}

export type TakeOrder = Seen & {
  readonly nextMark: string;
  readonly verifier: string;
  readonly expiresAt: Instant;
  readonly settings: SessionSettings;
};

/** The account with a new password and end, and exactly these settings. `open`: it is not as jit left it. */
export function buildTakeSql(order: TakeOrder): string {
  const { settings, mark, nextMark } = order;
  const refuseOpen = `IF (SELECT rolcanlogin FROM pg_roles WHERE oid = id) OR ${HAS_SESSION} THEN
      report := '{"open": true}';
    ELSE`;
  const take = `
    ${RESET_EVERYWHERE}
    ${buildSettingsSql(settings)}
    EXECUTE format('ALTER ROLE %I LOGIN ${buildConnectionLimit(settings)} PASSWORD %L VALID UNTIL %L',
      target, ${text(order.verifier)}, '${formatInstant(order.expiresAt)}');
    ${JOIN_TARGET}
    ${write(nextMark)}`;
  return buildStep(order, mark === nextMark ? take : `${refuseOpen} ${take} END IF;`);
}

export function buildProlongSql(order: Seen & { readonly expiresAt: Instant }): string {
  const end = `'${formatInstant(order.expiresAt)}'`;
  return buildStep(order, `EXECUTE format('ALTER ROLE %I VALID UNTIL %L', target, ${end});`);
}

/** First step of three: no new logins. Has to be committed before sessions are ended. */
export function buildForbidSql(seen: Seen): string {
  return buildStep(seen, `${JOIN_TARGET} ${FORBID_LOGIN} ${REPORT_ENDED}`);
}

/** Second: ends sessions until none is left, and only then sets the password, which any of them could have set as well. */
export function buildCloseSql(order: Seen & { readonly verifier: string }): string {
  const body = `
    ${REFUSE_PREPARED}
    ${END_SESSIONS}
    EXECUTE format('ALTER ROLE %I PASSWORD %L VALID UNTIL ''infinity''', target, ${text(order.verifier)});
    ${RESET_EVERYWHERE}
    EXECUTE format('ALTER ROLE %I RESET ALL', target);
    ${REPORT_ENDED}`;
  return buildStep(order, unlessOpen('rolcanlogin', body));
}

/** Third: looks, and says that nobody holds it. `open`: somebody got in meanwhile, or it was issued again. */
export function buildReleaseSql(order: Seen & { readonly nextMark: string }): string {
  return buildStep(order, unlessOpen(`rolcanlogin OR ${HAS_SESSION}`, write(order.nextMark)));
}

function unlessOpen(condition: string, body: string): string {
  return `IF (SELECT ${condition} FROM pg_roles WHERE oid = id) THEN report := '{"open": true}'; ELSE ${body} END IF;`;
}

/** One transaction, alone with the account; its report as the row. */
function buildStep({ account, mark }: Seen, body: string): string {
  const declare = `
    id oid := (SELECT oid FROM pg_roles WHERE rolname = target);
    note text := shobj_description(id, 'pg_authid');
    report text := '{}';
    ended int := 0;`;
  const step = block({
    role: account,
    before: takeTurn(account),
    declare,
    body: `
      IF id IS NULL THEN RAISE EXCEPTION 'there is no role %', target; END IF;
      IF target = current_user THEN RAISE EXCEPTION '% is the administrator', target; END IF;
      IF ${findMark('note')} IS DISTINCT FROM ${mark === null ? 'NULL' : text(mark)} THEN
        report := '{"changed": true}';
      ELSE
        ${body}
      END IF;
      PERFORM set_config('jit.report', report, true);`,
  });
  return `${step} SELECT current_setting('jit.report')::json AS report;`;
}

function write(mark: string): string {
  return `EXECUTE format('COMMENT ON ROLE %I IS %L', target, ${replaceMark('note', mark)});`;
}

const REPORT_ENDED = `report := json_build_object('ended', ended)::text;`;

const HAS_SESSION = `EXISTS (SELECT FROM ${ACTIVITY} WHERE usesysid = id)`;

// Any role may choose what its sessions begin with: the next holder's are not for the last one to choose.
const RESET_EVERYWHERE = `
  DECLARE
    database_name text;
  BEGIN
    FOR database_name IN
      SELECT d.datname FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = id
    LOOP
      EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', target, database_name);
    END LOOP;
  END;`;
