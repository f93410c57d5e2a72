/**
 * People decide: what a reviewer gave and where, what was asked at first and from where, what people are told, and
 * who they are. Rows of before keep their meaning: they were asked as they are, each account was its own person, and
 * nobody knows from where they came.
 */
export function peopleMigration(): readonly string[] {
  return [...requests, ...reviews, ...laterReviews, ...notices, ...people];
}

/** No network has this address, and the time of the request is the latest that its login can have been. */
const UNKNOWN_ORIGIN = `'{"ip":"0.0.0.0","login":{"method":"device","at":' || created_at || ',"strengths":[]}}'`;

/** `requester_person` is in a unique index so that what repeats it elsewhere can be held true by a foreign key. */
const requests = [
  "alter table requests add column requester_person text not null default ''",
  "alter table requests add column original_scopes text not null default '[]'",
  'alter table requests add column original_seconds bigint not null default 0',
  "alter table requests add column origin text not null default '{}'",
  'alter table requests add column escalated_at bigint',
  'alter table requests add column review_due_at bigint check (review_due_at is null or break_glass = 1)',
  'alter table requests add column reviewed_later_at bigint',
  `update requests set requester_person = requested_by, original_scopes = scopes,
    original_seconds = duration_seconds, origin = ${UNKNOWN_ORIGIN}`,
  'create unique index requests_with_person on requests (id, requested_by, requester_person)',
  `create index requests_review_due on requests (review_due_at)
    where review_due_at is not null and reviewed_later_at is null`,
];

/** Who asked and who reviewed, in every table of reviews: one human is never both (S3). */
const BOTH_PEOPLE = `
    requested_by text not null,
    requester_person text not null,
    reviewer text not null,
    reviewer_person text not null,
    reviewer_name text not null,
    reviewer_groups text not null,
    foreign key (request_id, requested_by, requester_person)
      references requests (id, requested_by, requester_person),
    constraint reviewer_is_not_requester check (reviewer <> requested_by),
    constraint reviewer_is_another_person check (reviewer_person <> requester_person)`;

const reviews = [
  `create table reviews_of_people (
    request_id text not null,
    position integer not null,
    outcome text not null check (outcome in ('approved', 'denied')),
    reason text,
    scopes text not null,
    duration_seconds bigint not null,
    way text not null check (way in ('cli', 'page', 'slack')),
    at bigint not null,${BOTH_PEOPLE},
    primary key (request_id, position),
    unique (request_id, reviewer),
    unique (request_id, reviewer_person)
  )`,
  `insert into reviews_of_people (request_id, position, outcome, reason, scopes, duration_seconds, way, at,
      requested_by, requester_person, reviewer, reviewer_person, reviewer_name, reviewer_groups)
    select reviews.request_id, reviews.position, reviews.outcome, reviews.reason, requests.scopes,
      requests.duration_seconds, 'cli', reviews.at, reviews.requested_by, requests.requester_person,
      reviews.reviewer, reviews.reviewer, reviews.reviewer_name, '[]'
    from reviews join requests on requests.id = reviews.request_id`,
  'drop table reviews',
  'alter table reviews_of_people rename to reviews',
];

/** What is said of break-glass when it is over: once for each request. */
const laterReviews = [
  `create table later_reviews (
    request_id text primary key,
    outcome text not null check (outcome in ('accepted', 'objected')),
    reason text not null,
    way text not null check (way in ('cli', 'page', 'slack')),
    at bigint not null,${BOTH_PEOPLE}
  )`,
];

const notices = [
  `create table notices (
    id text primary key,
    channel text not null,
    kind text not null,
    request_id text not null references requests (id),
    created_at bigint not null,
    state text not null check (state in ('waiting', 'accepted', 'gone')),
    attempts integer not null,
    reference text,
    last_error text,
    settled_at bigint
  )`,
  'create index notices_by_request on notices (request_id, created_at)',
];

const people = [
  `create table people (
    subject text primary key,
    name text not null,
    kind text not null check (kind in ('person', 'workload')),
    person text not null,
    member_of text not null,
    refreshed_at bigint not null,
    left_at bigint,
    renewal text,
    constraint who_left_is_not_renewed check (left_at is null or renewal is null)
  )`,
  'create index people_here on people (refreshed_at) where left_at is null',
  `create table channel_links (
    channel text not null,
    external_id text not null,
    subject text not null,
    linked_at bigint not null,
    primary key (channel, external_id)
  )`,
];
