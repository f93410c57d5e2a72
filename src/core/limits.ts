import { DAY_SECONDS, SECOND_MS } from './time.ts';

// Every limit of the server on what comes in and what it calls (INP-01, INP-02), each with its unit in its name. For each
// there is a probe in test/limits, asked at the limit and one above: without one the tests do not compile. How much of an
// answer a client believes stands with its messages, in core/wire. Not here: what a plugin's program may say, with its
// adapter; what `jit/verify` keeps in a service, with it; how long things live, which the configuration says; and how often
// the server looks at something of its own, which stands where it looks.

/** Any body; some routes take less. */
export const BODY_LIMIT_BYTES = 65_536;
/** At the provider's endpoints, by oidc-provider itself: its own number, which cannot be set. */
export const PROVIDER_BODY_BYTES = 57_344;
/** A form for tokens: introspection and revocation. */
export const TOKEN_FORM_BYTES = 16_384;
/** A form of a page. */
export const PAGE_FORM_BYTES = 8192;
export const MOST_FORM_FIELDS = 64;
/** How deep a JSON body may be nested, and how many names it may have in all: jit's own have three levels and ten. */
export const DEEPEST_JSON_LEVELS = 16;
export const MOST_JSON_KEYS = 256;

/** The request line, cookies and all other headers together. */
export const HEADER_LIMIT_BYTES = 16_384;
/** From the connection, or the end of the request before, to the last byte of the headers. */
export const HEADERS_TIMEOUT_MS = 10 * SECOND_MS;
/** From there to the last byte of the request. */
export const REQUEST_TIMEOUT_MS = 15 * SECOND_MS;
/** Node looks this often for who is past the two above, every 30 s if it is not told. */
export const TIMEOUT_CHECK_MS = SECOND_MS;
export const KEEP_ALIVE_TIMEOUT_MS = 60 * SECOND_MS;
/** A connection on which nothing moves, either way, for this long: longer than any answer is waited for. */
export const SILENT_CONNECTION_MS = 90 * SECOND_MS;
export const MOST_CONNECTIONS = 20_000;
/** At the address for figures: a few that scrape, and a person. */
export const MOST_METRICS_CONNECTIONS = 64;
/** An order to a server on the same machine is a line: how much, and how long it may take to arrive. */
export const LONGEST_ORDER_BYTES = 16_384;
export const ORDER_ARRIVAL_MS = 10 * SECOND_MS;
/** How long a stopping server lets requests end. */
export const DRAIN_MS = 8 * SECOND_MS;

/** What is asked for, and what people say about it. A message may be longer: its refusal then is for people to read. */
export const REASON_BYTES = 1024;
export const TICKET_BYTES = 128;
export const LONGEST_TEXT_BYTES = 8192;
export const MOST_SCOPES = 16;
export const LONGEST_ASK_SECONDS = 366 * DAY_SECONDS;
export const LONGEST_ID_CHARACTERS = 80;
/** A person's name or subject, where a message names one. */
export const LONGEST_NAME_CHARACTERS = 256;
/** The hash over a request that a reviewer says they saw. */
export const LONGEST_DIGEST_CHARACTERS = 128;
export const IDEMPOTENCY_KEY_CHARACTERS = 128;

/** What one person may have asked for that is still open, and may hold, and ask for in a minute; workloads ask more often. */
export const OPEN_REQUESTS_PER_PERSON = 20;
export const LIVE_GRANTS_PER_PERSON = 20;
export const CALLS_PER_PERSON = 120;
export const OPEN_REQUESTS_PER_WORKLOAD = 50;
export const LIVE_GRANTS_PER_WORKLOAD = 200;
export const CALLS_PER_WORKLOAD = 600;
export const CALL_WINDOW_SECONDS = 60;
/** In the same window, apart from the above: looks at the grants of many and revocations of many, each of which reads all. */
export const SWEEPS_PER_PERSON = 60;
/** The same of certificates: each connection of ssh asks for one, to a hundred hosts at once, several times over. */
export const CERTIFICATES_PER_PERSON = 1_200;

/** What anybody may hold by break-glass beyond that: as many as an emergency has places, and no loop's worth. */
export const BREAK_GLASS_GRANTS_PER_PERSON = 20;

/** Rows of one person: in a history, and of each kind in a status. */
export const MOST_HISTORY_ROWS = 200;
/** A long poll lasts at most this long; the client asks again. */
export const LONGEST_WAIT_SECONDS = 25;
/** How long an answer waits for the proof that what was revoked is gone. */
export const LONGEST_REVOKE_WAIT_SECONDS = 30;

/** What a client may say of itself when it begins a login. */
export const LONGEST_CLAIM_CHARACTERS = 200;
export const LONGEST_USER_CODE_CHARACTERS = 64;
/** A resource server's name and secret, in base64 (RFC 6749 §2.3.1). */
export const LONGEST_CREDENTIALS_CHARACTERS = 2048;
export const LONGEST_ACCESS_TOKEN_CHARACTERS = 256;
export const LONGEST_GRANT_TOKEN_CHARACTERS = 8192;
export const LONGEST_PROOF_CHARACTERS = 4096;
export const LONGEST_PROOF_ID_CHARACTERS = 256;
/** A workload's token (RFC 7523), the names in it, and its life: one that lives longer is no proof that its workload runs. */
export const LONGEST_ASSERTION_CHARACTERS = 16_384;
export const LONGEST_ASSERTION_ID_CHARACTERS = 256;
export const LONGEST_ASSERTION_SECONDS = DAY_SECONDS;
/** How much the clocks of its issuer and of the server may differ, where it seems to come from the future. */
export const ASSERTION_TOLERANCE_SECONDS = 60;
/** Each answer of a workload's issuer: it has no reason to take long, or to be long. */
export const ISSUER_TIMEOUT_MS = 5 * SECOND_MS;
export const ISSUER_ANSWER_BYTES = 262_144;
export const MOST_ISSUER_KEYS = 100;
/** How far a proof's `iat` may be from the server's time, either way (RFC 9449 §11.1). */
export const PROOF_WINDOW_SECONDS = 60;

/** How often a client may poll (RFC 8628 §3.2). */
export const POLL_INTERVAL_SECONDS = 5;

/** How many device logins may be begun, and how many may come back from the company's provider: an office behind one address on a Monday morning, and no more. */
export const LOGINS_PER_ADDRESS = 60;
export const LOGINS_IN_ALL = 600;
export const LOGIN_WINDOW_SECONDS = 60;

/** Wrong guesses in each window: of user codes (DEV-10), and of the PIN of development users (OAU-08). */
export const GUESS_WINDOW_SECONDS = 600;
export const CODE_GUESSES_PER_CODE = 5;
export const CODE_GUESSES_PER_ACCOUNT = 10;
export const CODE_GUESSES_PER_ADDRESS = 20;
export const PIN_GUESSES_PER_NAME = 10;
export const PIN_GUESSES_PER_ADDRESS = 20;
export const PIN_GUESSES_IN_ALL = 30;

/** The inbox page: what a filter may say, and how much is shown at once. */
export const LONGEST_FILTER_CHARACTERS = 200;
export const INBOX_ROWS_PER_PAGE = 100;
/** How many live grants their page shows at once. */
export const GRANT_ROWS_PER_PAGE = 100;

/** Streams of server-sent events. What a client has not read yet waits here up to so many bytes. */
export const EVENT_STREAMS_PER_PERSON = 16;
export const EVENT_STREAMS_IN_ALL = 2_000;
/** Those that tell services of revocations: one for each process of a service, in every replica of the server that it may reach. */
export const REVOCATION_STREAMS_PER_SERVICE = 256;
export const REVOCATION_STREAMS_IN_ALL = 4_000;
export const EVENT_STREAM_BUFFER_BYTES = 16_384;
export const LONGEST_EVENT_STREAM_MS = 900 * SECOND_MS;
/** How much a client that comes back is told one by one; after more it reads everything anew. */
export const MOST_REPLAYED_CHANGES = 1_000;
/** Long polls of a request at one time: a few terminals and pages for each that may be open. */
export const REQUEST_POLLS_PER_PERSON = 64;
export const REQUEST_POLLS_IN_ALL = 15_000;
/** Long polls of the inbox at one time. */
export const INBOX_POLLS_PER_PERSON = 16;
export const INBOX_POLLS_IN_ALL = 2_000;

/** Calls of ours to other systems: from connecting to the last byte of the head, to the last byte of all, and how much. */
export const OUTGOING_HEAD_TIMEOUT_MS = 5 * SECOND_MS;
export const OUTGOING_TIMEOUT_MS = 10 * SECOND_MS;
export const OUTGOING_BODY_BYTES = 1_048_576;

/** How long a target has for one step: to make a credential, to remove it, to list what is live, to say when it was used. */
export const TARGET_DEADLINE_MS = 10 * SECOND_MS;
/** How long a channel has to take one notice. */
export const DELIVERY_DEADLINE_MS = 10 * SECOND_MS;

/** What Slack says who, where and by which click: people, teams and channels, and what a form may answer to. */
export const LONGEST_SLACK_ID_CHARACTERS = 32;
export const LONGEST_SLACK_TRIGGER_CHARACTERS = 200;
/** How old a signed delivery of Slack's may be (APR-06). */
export const SLACK_WINDOW_SECONDS = 300;
/** How long Slack is tried for an answer to a click: the click is void after three seconds. */
export const SLACK_ANSWER_MS = 2.5 * SECOND_MS;
/** How long an address for linking a Slack account is good, and how old the login behind it may be. */
export const SLACK_LINK_SECONDS = 600;
/** After this an account at Slack must be linked again. */
export const SLACK_ACCOUNT_SECONDS = 90 * DAY_SECONDS;

/** Where to go after a login, in an address. */
export const LONGEST_NEXT_CHARACTERS = 512;
/** From leaving for the company's provider to coming back. */
export const COMPANY_LOGIN_SECONDS = 600;
/** The login on its way there and back, sealed: room for the longest address to go to, and for all that may be asked of a login. */
export const LONGEST_COMPANY_STATE_CHARACTERS = 8192;
/** Each of its answers: a person waits in front of a browser for them. */
export const COMPANY_TIMEOUT_MS = 5 * SECOND_MS;
export const COMPANY_ANSWER_BYTES = 262_144;
/** How far its clock may be from the server's. */
export const COMPANY_CLOCK_SECONDS = 60;
export const LONGEST_ID_TOKEN_CHARACTERS = 65_536;
export const MOST_COMPANY_KEYS = 100;
/** What it says of a person. OpenID Connect Core §2: a `sub` has 255 ASCII characters at most. */
export const LONGEST_SUB_CHARACTERS = 255;
export const MOST_GROUPS = 1_000;
export const LONGEST_GROUP_CHARACTERS = 256;
/** `acr` and `amr` of a login, and what policy or an address asks of it; some are addresses themselves. */
export const MOST_STRENGTHS = 32;
export const LONGEST_STRENGTH_CHARACTERS = 128;
