const PLAIN = /^[A-Za-z0-9_ .:-]*$/;

/**
 * A text in a statement. Plain characters stand for themselves, so that a log can be read; all else goes as
 * hexadecimal digits, which no text can break out of. Names are quoted by the server's own `format('%I')` (S8).
 */
export function text(value: string): string {
  if (PLAIN.test(value)) return `'${value}'`;
  return `convert_from(decode('${Buffer.from(value, 'utf8').toString('hex')}', 'hex'), 'UTF8')`;
}

export function textArray(values: readonly string[]): string {
  return `ARRAY[${values.map(text).join(', ')}]::text[]`;
}

// What the view pg_stat_activity reads: with its joins planned each time, looking costs three times as much.
export const ACTIVITY = 'pg_stat_get_activity(NULL)';

/**
 * One jit at a time works on this name: until the end of the transaction, across all processes. Everybody who is logged in
 * can take such a lock, and sees its key in pg_locks: who has it or waits for it and is no administrator is ended.
 */
export function takeTurn(name: string): string {
  return `
    DECLARE
      key bigint := hashtextextended(${text(name)}, 0);
      pause_seconds float8 := 0.001;
    BEGIN
      WHILE NOT pg_try_advisory_xact_lock(key) LOOP
        PERFORM pg_terminate_backend(l.pid) FROM pg_locks l JOIN ${ACTIVITY} a ON a.pid = l.pid
          WHERE l.locktype = 'advisory' AND l.objsubid = 1
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (l.classid::bigint << 32 | l.objid::bigint) = key
            AND a.usesysid <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
            AND pg_has_role(a.usesysid, 'USAGE');
        PERFORM pg_sleep(pause_seconds);
        pause_seconds := least(pause_seconds * 2, 0.02);
      END LOOP;
    END;`;
}

/**
 * An anonymous block; `target` holds the role's name and `can_choose` whether GRANT takes options (16 and later). What is
 * declared is so after `before`, which is where a turn is waited for: what is read earlier may be another by then.
 */
export function block(options: {
  readonly role: string;
  readonly before?: string;
  readonly declare?: string;
  readonly body: string;
}): string {
  return `DO $jit$
    DECLARE
      target text := ${text(options.role)};
      can_choose boolean := current_setting('server_version_num')::int >= 160000;
    BEGIN
      ${options.before ?? ''}
      DECLARE
        ${options.declare ?? ''}
      BEGIN
        ${options.body}
      END;
    END $jit$;`;
}

/**
 * The administrator gets the role's privileges, without which terminate, reassign and drop are refused (S6),
 * and its sessions' times are hidden.
 */
export const JOIN_TARGET = `
  IF NOT pg_has_role(current_user, target, 'USAGE') THEN
    EXECUTE format('GRANT %I TO CURRENT_USER', target)
      || CASE WHEN can_choose THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
  END IF;`;

/**
 * What a prepared transaction made is not visible yet, and may be a password or a lock: it has to be over. It outlives its
 * session, and only its role or a superuser can end it.
 */
export const REFUSE_PREPARED = `
  IF EXISTS (SELECT FROM pg_prepared_xact() WHERE ownerid = target::regrole) THEN
    RAISE EXCEPTION 'a prepared transaction of % is open: commit it or roll it back', target;
  END IF;`;

/**
 * No new logins. Whoever is logged in can change their own role and leave the transaction open, which would keep everybody
 * else waiting: then its sessions are ended first, and `ended`, a variable of the block around, counts them.
 */
export const FORBID_LOGIN = `
  DECLARE
    pids int[];
  BEGIN
    PERFORM set_config('lock_timeout', '100', true);
    WHILE (SELECT rolcanlogin FROM pg_roles WHERE rolname = target) LOOP
      BEGIN
        EXECUTE format('ALTER ROLE %I NOLOGIN', target);
      EXCEPTION WHEN lock_not_available OR internal_error THEN
        PERFORM pg_stat_clear_snapshot();
        pids := ARRAY(SELECT pid FROM ${ACTIVITY} WHERE usesysid = target::regrole);
        IF cardinality(pids) = 0 THEN ${REFUSE_PREPARED} END IF;
        ended := ended + cardinality(pids);
        PERFORM pg_terminate_backend(pid) FROM unnest(pids) AS pid;
        WHILE EXISTS (SELECT FROM ${ACTIVITY} WHERE pid = ANY (pids) AND usesysid = target::regrole) LOOP
          PERFORM pg_sleep(0.002);
          PERFORM pg_stat_clear_snapshot();
        END LOOP;
      END;
    END LOOP;
    PERFORM set_config('lock_timeout', '0', true);
  END;`;

/**
 * Ends the sessions of the role with the oid `id` until none is left; `ended` counts those of people. Of several who end the
 * same one at once, the first to lock it counts it.
 */
export const END_SESSIONS = `
  DECLARE
    pids int[];
    people int[];
    seen int[] := '{}';
    pause_seconds float8 := 0.001;
  BEGIN
    LOOP
      PERFORM pg_stat_clear_snapshot();
      SELECT array_agg(pid), array_agg(pid) FILTER (WHERE backend_type = 'client backend') INTO pids, people
        FROM ${ACTIVITY} WHERE usesysid = id;
      EXIT WHEN pids IS NULL;
      seen := ARRAY(SELECT unnest(seen) UNION SELECT person FROM unnest(people) AS person
        WHERE pg_try_advisory_xact_lock(hashtextextended('jit ends session ' || person, 0)));
      PERFORM pg_terminate_backend(pid) FROM unnest(pids) AS pid;
      PERFORM pg_sleep(pause_seconds);
      pause_seconds := least(pause_seconds * 2, 0.1);
    END LOOP;
    ended := ended + cardinality(seen);
  END;`;
