/** What one person has open and in use: found without a look at all that they ever asked for and held. */
export function openMigration(): readonly string[] {
  return [
    "create index requests_open_by_person on requests (requested_by, created_at) where state in ('pending', 'approved')",
    "create index grants_in_use_by_holder on grants (held_by, claimed_at) where state in ('provisioning', 'active')",
  ];
}
