import { fail } from '../../../core/errors.ts';
import type { Handle } from '../../../core/ports/connector.ts';
import { formatInstant, type Instant, parseInstant } from '../../../core/time.ts';
import { isOwnRole, type Namer, rolePrefix } from './role-name.ts';
import { text } from './sql.ts';

/** Who holds an account, or nobody, and since when: the end of its comment, where only administrators of it can write. */
export type Mark = { readonly holder: Handle | undefined; readonly since: Instant };

type Holding = { readonly namer: Namer; readonly handle: Handle };

const NOBODY = 'nobody';
const MARK = /^\[jit ([a-z0-9]{1,16}) ([a-z0-9_]{1,63}) (\S{1,40})\]$/;

/** The mark in a comment, as an expression of SQL; NULL where there is none. `note` is an expression too. */
export function findMark(note: string): string {
  return `substring(${note}, '${MARK_IN_SQL}')`;
}

/** A comment with another mark, or its first. What else stands in it stays. */
export function replaceMark(note: string, mark: string): string {
  const rest = `rtrim(regexp_replace(coalesce(${note}, ''), '${MARK_IN_SQL}', ''))`;
  return `concat_ws(' ', nullif(${rest}, ''), ${text(mark)})`;
}

/** Is the account of this comment held by the handle? An expression of SQL. */
export function isHeldBy(note: string, { namer, handle }: Holding): string {
  return `starts_with(${findMark(note)}, ${text(`[jit ${namer.installation} ${handle} `)})`;
}

/** Is it held by any grant of this installation? */
export function isHeldByAny(note: string, namer: Namer): string {
  return `starts_with(${findMark(note)}, ${text(`[jit ${namer.installation} ${rolePrefix(namer)}`)})`;
}

export function formatMark(namer: Namer, { holder = NOBODY, since }: Mark): string {
  return `[jit ${namer.installation} ${holder} ${formatInstant(since)}]`;
}

/** Undefined where there is no mark. Throws `target_failed` for that of another installation, or what is none of ours. */
export function parseMark(
  { account, mark }: { readonly account: string; readonly mark: string | null },
  namer: Namer,
): Mark | undefined {
  if (mark === null) return undefined;
  const [, installation, holder = '', since = ''] = MARK.exec(mark) ?? [];
  if (installation !== namer.installation || !(holder === NOBODY || isOwnRole(namer, holder)))
    throw fail('target_failed', {
      target: namer.name,
      why: `another jit has ${account}: its comment says so`,
    });
  return { holder: holder === NOBODY ? undefined : holder, since: parseInstant(since) ?? 0 };
}

// Without a backslash: what it means depends on a setting of the server.
const MARK_IN_SQL = '[[]jit [^]]*[]]$';
