import type { Engine } from '../engine.ts';

/**
 * An event's place in the log is given after it is committed: numbers that are given while several write at once become
 * visible out of order. What waits for its place stands in a table of its own. Events of before keep their order.
 */
export function logMigration(engine: Engine): readonly string[] {
  return [
    `create table unsealed_events (
      entered ${engine.sequenceColumn},
      event_id text not null
    )`,
    `insert into audit_leaves (leaf_index, event_id)
      select row_number() over (order by written) - 1, id from audit_events`,
  ];
}
