import type { Engine } from '../engine.ts';

/** The tables as they were first made. Never edited once released: what changes is a migration of its own. */
export function firstMigration(engine: Engine): readonly string[] {
  return [...settings, ...requests, ...reviews, ...grants, ...audit(engine), ...work, ...protocol];
}

const settings = ['create table settings (name text primary key, value text not null)'];

/** Asking again joins what is there already: the two unique indexes are what holds when two ask at the very same moment. */
const requests = [
  `create table requests (
    id text primary key,
    state text not null check (state in ('pending', 'approved', 'claimed', 'denied', 'cancelled', 'lapsed')),
    version integer not null,
    requested_by text not null,
    requester text not null,
    scopes text not null,
    target text not null,
    duration_seconds bigint not null,
    reason text not null,
    ticket text,
    extends_grant_id text,
    break_glass integer not null check (break_glass in (0, 1)),
    digest text not null,
    created_at bigint not null,
    lapses_at bigint not null,
    claim_by bigint,
    decision_version integer,
    review_count integer not null,
    grant_id text,
    unique (id, requested_by)
  )`,
  'create index requests_by_person on requests (requested_by, created_at)',
  'create index requests_by_state on requests (state, created_at)',
  `create unique index requests_open_once on requests (requested_by, target, scopes)
    where state in ('pending', 'approved') and extends_grant_id is null and break_glass = 0`,
  `create unique index requests_open_extension on requests (extends_grant_id)
    where state in ('pending', 'approved') and extends_grant_id is not null`,
  `create table decisions (
    request_id text not null references requests (id),
    version integer not null,
    outcome text not null check (outcome in ('automatic', 'needs_people', 'denied')),
    answer text not null,
    policy_version text not null,
    policy_input text not null,
    primary key (request_id, version)
  )`,
  `create table idempotency_keys (
    subject text not null,
    key text not null,
    fingerprint text not null,
    request_id text not null references requests (id),
    primary key (subject, key)
  )`,
];

/** The requester is repeated here, and held true by the composite key, so that the check can see both people (S3). */
const reviews = [
  `create table reviews (
    request_id text not null,
    position integer not null,
    requested_by text not null,
    reviewer text not null,
    reviewer_name text not null,
    outcome text not null check (outcome in ('approved', 'denied')),
    reason text,
    at bigint not null,
    primary key (request_id, position),
    foreign key (request_id, requested_by) references requests (id, requested_by),
    constraint reviewer_is_not_requester check (reviewer <> requested_by)
  )`,
];

const grants = [
  `create table grants (
    id text primary key,
    request_id text not null references requests (id),
    state text not null check (state in ('provisioning', 'active', 'revoking', 'ended')),
    version integer not null,
    scopes text not null,
    target text not null,
    held_by text not null,
    holder_name text not null,
    digest text not null,
    token_id text not null unique,
    claimed_at bigint not null,
    expires_at bigint not null,
    latest_end_at bigint not null check (expires_at <= latest_end_at),
    last_used_at bigint,
    ended_at bigint,
    ended_because text,
    handle text,
    revocation text not null
  )`,
  `create unique index grants_live_per_request on grants (request_id) where state <> 'ended'`,
  'create index grants_by_holder on grants (held_by, claimed_at)',
  "create index grants_in_use on grants (held_by, target) where state in ('provisioning', 'active')",
  'create index grants_by_state on grants (state, claimed_at)',
];

function audit(engine: Engine): readonly string[] {
  return [
    `create table audit_events (
      written ${engine.sequenceColumn},
      id text not null unique,
      kind text not null,
      at bigint not null,
      actor text not null,
      request_id text,
      grant_id text,
      detail text not null
    )`,
    'create index audit_events_by_request on audit_events (request_id) where request_id is not null',
    'create index audit_events_by_grant on audit_events (grant_id) where grant_id is not null',
    `create table audit_leaves (
      leaf_index bigint primary key,
      event_id text not null unique references audit_events (id)
    )`,
  ];
}

const work = [
  `create table work (
    id text primary key,
    kind text not null,
    request_id text,
    grant_id text,
    target text,
    due_at bigint not null,
    lease_until bigint,
    attempts integer not null,
    last_error text
  )`,
  'create index work_due on work (due_at)',
  'create index work_free on work (due_at) where lease_until is null',
  'create index work_leased on work (lease_until) where lease_until is not null',
];

const protocol = [
  `create table protocol_entries (
    kind text not null,
    id_hash text not null,
    payload text not null,
    expires_at bigint,
    consumed_at bigint,
    next_poll_at bigint,
    grant_id text,
    user_code_hash text,
    uid text,
    account_id text,
    primary key (kind, id_hash)
  )`,
  'create index protocol_by_expiry on protocol_entries (expires_at) where expires_at is not null',
  'create index protocol_by_grant on protocol_entries (grant_id) where grant_id is not null',
  'create index protocol_by_user_code on protocol_entries (user_code_hash) where user_code_hash is not null',
  'create index protocol_by_uid on protocol_entries (uid) where uid is not null',
  'create index protocol_by_account on protocol_entries (account_id) where account_id is not null',
];
