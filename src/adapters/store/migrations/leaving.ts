/** Of whom not everything was taken yet when they left: since when. Null for everybody else. */
export function leavingMigration(): readonly string[] {
  return [
    'alter table people add column leaving_at bigint',
    'create index people_leaving on people (leaving_at) where leaving_at is not null',
  ];
}
