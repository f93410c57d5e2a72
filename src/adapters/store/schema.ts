import type { Generated, Kysely, Selectable } from 'kysely';

/** Instants are milliseconds, flags 0 or 1, and what SQL never looks into is JSON text: one form for both engines. */
export type Tables = {
  readonly schema_migrations: { name: string; position: number; applied_at: number | null };
  readonly settings: { name: string; value: string };
  readonly requests: RequestTable;
  readonly decisions: DecisionTable;
  readonly reviews: ReviewTable;
  readonly grants: GrantTable;
  readonly audit_events: EventTable;
  readonly audit_leaves: { leaf_index: number; event_id: string };
  readonly work: WorkTable;
  readonly idempotency_keys: { subject: string; key: string; fingerprint: string; request_id: string };
  readonly protocol_entries: ProtocolTable;
};

/** The tables to query; inside a transaction, the transaction. */
export type Database = Kysely<Tables>;

export type RequestTable = {
  id: string;
  state: string;
  version: number;
  requested_by: string;
  requester: string;
  scopes: string;
  target: string;
  duration_seconds: number;
  reason: string;
  ticket: string | null;
  extends_grant_id: string | null;
  break_glass: number;
  digest: string;
  created_at: number;
  lapses_at: number;
  claim_by: number | null;
  decision_version: number | null;
  review_count: number;
  grant_id: string | null;
};

/** One row for each time policy answered; `version` is the request's version that carried the answer first. */
export type DecisionTable = {
  request_id: string;
  version: number;
  outcome: string;
  answer: string;
  policy_version: string;
  policy_input: string;
};

export type ReviewTable = {
  request_id: string;
  position: number;
  requested_by: string;
  reviewer: string;
  reviewer_name: string;
  outcome: string;
  reason: string | null;
  at: number;
};

export type GrantTable = {
  id: string;
  request_id: string;
  state: string;
  version: number;
  scopes: string;
  target: string;
  held_by: string;
  holder_name: string;
  digest: string;
  token_id: string;
  claimed_at: number;
  expires_at: number;
  latest_end_at: number;
  last_used_at: number | null;
  ended_at: number | null;
  ended_because: string | null;
  handle: string | null;
  revocation: string;
};

export type EventTable = {
  written: Generated<number>;
  id: string;
  kind: string;
  at: number;
  actor: string;
  request_id: string | null;
  grant_id: string | null;
  detail: string;
};

export type WorkTable = {
  id: string;
  kind: string;
  request_id: string | null;
  grant_id: string | null;
  target: string | null;
  due_at: number;
  lease_until: number | null;
  attempts: number;
  last_error: string | null;
};

export type ProtocolTable = {
  kind: string;
  id_hash: string;
  payload: string;
  expires_at: number | null;
  consumed_at: number | null;
  next_poll_at: number | null;
  grant_id: string | null;
  user_code_hash: string | null;
  uid: string | null;
  account_id: string | null;
};

export type RequestRow = Selectable<RequestTable>;
export type GrantRow = Selectable<GrantTable>;
