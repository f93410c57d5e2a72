/** The places of some unsealed events, from the first that is free. */
export function selectPlaces(source: string): string {
  return `select coalesce((select max(leaf_index) from audit_leaves), -1) + row_number() over (order by entered),
    event_id from ${source}`;
}
