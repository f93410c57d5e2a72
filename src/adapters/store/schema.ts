import type { Generated, Kysely, Selectable } from 'kysely';

/** Instants are milliseconds, flags 0 or 1, and what SQL never looks into is JSON text: one form for both engines. */
export type Tables = {
  readonly schema_migrations: { name: string; position: number; applied_at: number | null };
  readonly schema_expansions: { name: string };
  readonly settings: { name: string; value: string };
  readonly requests: RequestTable;
  readonly decisions: DecisionTable;
  readonly reviews: ReviewTable;
  readonly later_reviews: LaterReviewTable;
  readonly notices: NoticeTable;
  readonly people: PersonTable;
  readonly channel_links: { channel: string; external_id: string; subject: string; linked_at: number };
  readonly grants: GrantTable;
  readonly audit_events: EventTable;
  readonly audit_leaves: { leaf_index: number; event_id: string };
  readonly unsealed_events: { entered: Generated<number>; event_id: string };
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
  requester_person: string;
  origin: string;
  original_scopes: string;
  original_seconds: number;
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
  escalated_at: number | null;
  review_due_at: number | null;
  reviewed_later_at: number | null;
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

/** The two people of a review; the requester is repeated, and held true by a foreign key, for the checks (S3). */
type BothPeople = {
  requested_by: string;
  requester_person: string;
  reviewer: string;
  reviewer_person: string;
  reviewer_name: string;
  reviewer_groups: string;
};

export type ReviewTable = BothPeople & {
  request_id: string;
  position: number;
  outcome: string;
  reason: string | null;
  scopes: string;
  duration_seconds: number;
  way: string;
  at: number;
};

export type LaterReviewTable = BothPeople & {
  request_id: string;
  outcome: string;
  reason: string;
  way: string;
  at: number;
};

export type NoticeTable = {
  id: string;
  channel: string;
  kind: string;
  request_id: string;
  created_at: number;
  state: string;
  attempts: number;
  reference: string | null;
  last_error: string | null;
  settled_at: number | null;
};

export type PersonTable = {
  subject: string;
  name: string;
  kind: string;
  person: string;
  member_of: string;
  refreshed_at: number;
  left_at: number | null;
  leaving_at: number | null;
  renewal: string | null;
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
  idle_seconds: number | null;
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
/** With what its request says of it. */
export type GrantRow = Selectable<GrantTable> & { readonly break_glass: number | null };
