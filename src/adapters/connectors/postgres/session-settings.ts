import type { Scope } from '../../../core/scope.ts';
import { textArray } from './sql.ts';

const CONNECTION_LIMIT = 20;
const MS_PER_SECOND = 1000;

/** What a scope's sessions begin with. The holder may set path and time-out otherwise; the limit is the server's. */
export type SessionSettings = {
  /** Schemas, by their plain names. */
  readonly searchPath?: readonly string[] | undefined;
  readonly statementTimeoutSeconds?: number | undefined;
  readonly connectionLimit?: number | undefined;
};

export type SettingsByScope = Readonly<Record<Scope, SessionSettings>>;

/** One role for all scopes of a grant: the paths one after the other, and of each number the smallest. */
export function combineSettings(settings: SettingsByScope, scopes: readonly Scope[]): SessionSettings {
  const chosen = scopes.flatMap((scope) => (Object.hasOwn(settings, scope) ? (settings[scope] ?? []) : []));
  return {
    searchPath: [...new Set(chosen.flatMap(({ searchPath }) => searchPath ?? []))],
    statementTimeoutSeconds: findSmallest(chosen.map((one) => one.statementTimeoutSeconds)),
    connectionLimit: findSmallest(chosen.map((one) => one.connectionLimit)),
  };
}

function findSmallest(values: readonly (number | undefined)[]): number | undefined {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? undefined : Math.min(...present);
}

/** For `CREATE ROLE` and `ALTER ROLE`. */
export function buildConnectionLimit(settings: SessionSettings): string {
  return `CONNECTION LIMIT ${settings.connectionLimit ?? CONNECTION_LIMIT}`;
}

/** Statements of a block that sets exactly these; the server quotes the names of schemas (S8). */
export function buildSettingsSql({ searchPath = [], statementTimeoutSeconds }: SessionSettings): string {
  const timeoutMs = statementTimeoutSeconds === undefined ? 0 : statementTimeoutSeconds * MS_PER_SECOND;
  return [
    "EXECUTE format('ALTER ROLE %I RESET ALL', target);",
    timeoutMs > 0 ? `EXECUTE format('ALTER ROLE %I SET statement_timeout = ${timeoutMs}', target);` : '',
    searchPath.length > 0 ? buildPathSql(searchPath) : '',
  ].join('\n    ');
}

function buildPathSql(schemas: readonly string[]): string {
  const names = `unnest(${textArray(schemas)}) WITH ORDINALITY AS schemas(name, place)`;
  const list = `(SELECT string_agg(format('%I', name), ', ' ORDER BY place) FROM ${names})`;
  return `EXECUTE format('ALTER ROLE %I SET search_path = %s', target, ${list});`;
}
