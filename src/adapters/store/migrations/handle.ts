/**
 * Whose a credential was that is live and held by nobody: found by its name, however many have ended. In the order of
 * `findEndedGrant`, so that of an account that was lent a thousand times only the last is read.
 */
export function handleMigration(): readonly string[] {
  return [
    `create index grants_ended_by_handle on grants (target, handle, claimed_at)
      where state = 'ended' and handle is not null`,
  ];
}
