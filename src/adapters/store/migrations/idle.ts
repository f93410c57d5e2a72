/** A grant may end when nobody uses it for so long; null: it may be idle for as long as it lasts. */
export function idleMigration(): readonly string[] {
  return ['alter table grants add column idle_seconds bigint'];
}
