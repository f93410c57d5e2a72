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

/** One jit at a time works on this role: until the end of the transaction, across all processes. */
export function lock(role: string): string {
  return `SELECT pg_advisory_xact_lock(hashtextextended(${text(role)}, 0));`;
}

/** An anonymous block; `target` holds the role's name and `can_choose` whether GRANT takes options (16 and later). */
export function block(options: {
  readonly role: string;
  readonly declare?: string;
  readonly body: string;
}): string {
  return `DO $jit$
    DECLARE
      target text := ${text(options.role)};
      can_choose boolean := current_setting('server_version_num')::int >= 160000;
      ${options.declare ?? ''}
    BEGIN
      ${options.body}
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
