import { formatDuration } from './duration-text.ts';
import { INTERRUPTED } from './exit-codes.ts';
import type { LoginWay } from './ports/session.ts';
import type { LoginDemand } from './step-up.ts';

/** One kind of failure. `exit` and `status` are a contract (docs/errors.md); the texts are for people. */
export type Row<P> = {
  readonly exit: number;
  readonly status: number;
  readonly message: (params: P) => string;
  readonly hint: (params: P) => string;
};

function row<P>(
  exit: number,
  status: number,
  message: (params: P) => string,
  hint: (params: P) => string,
): Row<P> {
  return { exit, status, message, hint };
}

type Nothing = Record<never, never>;
type Why = { readonly why: string };
type Id = { readonly id: string };

/** What the ways of logging in are called, and what is tried where one is not offered. */
const LOGIN_WAYS: Readonly<Record<LoginWay['kind'], { readonly name: string; readonly instead: string }>> = {
  device: { name: 'with a device code', instead: 'jit login --browser' },
  browser: { name: 'by a browser on this machine', instead: 'jit login without --browser' },
  workload: {
    name: 'as a workload',
    instead: "identity.workloads in the server's configuration says who may",
  },
};

/** Every error that jit can show. `docs/errors.md` lists the same codes, and a test holds the two together. */
export const catalogue = {
  // What was typed or sent (2)
  usage: row<Why & { readonly command?: string | undefined }>(
    2,
    400,
    (p) => p.why,
    (p) => (p.command === undefined ? 'jit --help' : `jit ${p.command} --help`),
  ),
  bad_duration: row<{ readonly text: string; readonly bare: boolean }>(
    2,
    422,
    (p) => (p.bare ? `"${p.text}" has no unit` : `"${p.text}" is not a duration`),
    (p) =>
      p.bare
        ? `write ${p.text}m for minutes or ${p.text}h for hours`
        : 'write 30m, 2h45m, 1d, PT30M or "until 17:30"',
  ),
  duration_too_long: row<{
    readonly scope: string;
    readonly maxSeconds: number;
    readonly askedSeconds: number;
  }>(
    2,
    422,
    (p) =>
      `${formatDuration(p.askedSeconds)} is over the maximum for ${p.scope}, which is ${formatDuration(p.maxSeconds)}`,
    (p) => `ask for at most ${formatDuration(p.maxSeconds)} with --for`,
  ),
  unknown_scope: row<{ readonly scope: string; readonly nearest?: string | undefined }>(
    2,
    422,
    (p) => `there is no scope "${p.scope}"`,
    (p) => (p.nearest ? `did you mean ${p.nearest}? jit scopes lists them all` : 'jit scopes lists them all'),
  ),
  unknown_target: row<{ readonly target: string; readonly nearest?: string | undefined }>(
    2,
    422,
    (p) => `there is no target "${p.target}"`,
    (p) => (p.nearest ? `did you mean ${p.nearest}?` : 'jit scopes shows the targets of each scope'),
  ),
  wrong_target: row<{ readonly scope: string; readonly target: string; readonly targets: readonly string[] }>(
    2,
    422,
    (p) => `${p.scope} does not cover the target ${p.target}`,
    (p) => `it covers: ${p.targets.join(', ')}`,
  ),
  bad_reason: row<Why>(
    2,
    422,
    (p) => `the reason ${p.why}`,
    () => 'say it in a sentence that others can judge: --reason "INC-4211 slow checkout"',
  ),
  bad_ticket: row<Why>(
    2,
    422,
    (p) => `the ticket ${p.why}`,
    () => 'write it as your tracker does: --ticket INC-4211',
  ),
  missing_answer: row<{ readonly what: string; readonly flag: string }>(
    2,
    422,
    (p) => `${p.what} is missing, and there is no terminal to ask on`,
    (p) => `add ${p.flag}`,
  ),
  ambiguous: row<{ readonly what: string; readonly choices: readonly string[]; readonly flag: string }>(
    2,
    422,
    (p) => `more than one ${p.what} fits: ${p.choices.join(', ')}`,
    (p) => `choose one with ${p.flag}`,
  ),
  bad_message: row<Why>(
    2,
    400,
    (p) => `the request was refused: ${p.why}`,
    () => 'compare the versions of jit here and on the server: jit doctor',
  ),
  too_large: row<{ readonly limitBytes: number }>(
    2,
    413,
    (p) => `the body is larger than ${p.limitBytes} bytes`,
    () => 'send less',
  ),
  idempotency_conflict: row<Nothing>(
    2,
    409,
    () => 'this idempotency key was used for a different request',
    () => 'use a new key',
  ),

  // Decided against (3)
  denied: row<Id & Why & { readonly next?: string | undefined }>(
    3,
    403,
    (p) => `${p.id} was denied: ${p.why}`,
    (p) => p.next ?? `jit history ${p.id} shows what was decided, and why`,
  ),
  cancelled: row<Id>(
    3,
    409,
    (p) => `${p.id} was cancelled`,
    () => 'jit request asks again',
  ),
  already_claimed: row<Id & { readonly grantId: string }>(
    1,
    409,
    (p) => `${p.id} was claimed already: ${p.grantId} is live`,
    (p) => `jit done ${p.grantId} gives it back`,
  ),
  lapsed: row<Id & Why>(
    3,
    409,
    (p) => `${p.id} has lapsed: ${p.why}`,
    () => 'jit request asks again',
  ),
  self_approval: row<Id>(
    3,
    403,
    (p) => `${p.id} is your own request: nobody decides on their own`,
    (p) => `ask somebody who may, or take it back with jit cancel ${p.id}`,
  ),
  not_a_reviewer: row<Id & Why>(
    3,
    403,
    (p) => `you may not decide on ${p.id}: ${p.why}`,
    () => 'jit inbox lists what waits for you',
  ),
  not_allowed_now: row<Id & Why>(
    3,
    403,
    (p) => `${p.id} cannot be approved now: ${p.why}`,
    () => 'policy is asked again at this moment; it may say something else later',
  ),
  review_overdue: row<{ readonly ids: readonly string[] }>(
    3,
    403,
    (p) => `nobody has reviewed your earlier break-glass yet: ${p.ids.join(', ')}`,
    (p) => `ask a reviewer for: jit review ${p.ids[0]}`,
  ),
  login_denied: row<Nothing>(
    3,
    403,
    () => 'the login was denied in the browser',
    () => 'jit login starts again',
  ),

  // Login and keychain (4)
  login_needed: row<{ readonly server: string }>(
    4,
    401,
    (p) => `you are not logged in to ${p.server}`,
    (p) => `jit login ${p.server}`,
  ),
  session_expired: row<{ readonly server: string }>(
    4,
    401,
    (p) => `the session on ${p.server} has ended`,
    (p) => `jit login ${p.server}`,
  ),
  step_up_needed: row<{ readonly demand: LoginDemand }>(
    4,
    401,
    (p) => `policy asks for ${describeDemand(p.demand)} for this`,
    () => 'jit login, and then the same command again',
  ),
  login_expired: row<Nothing>(
    4,
    410,
    () => 'the login expired before it was confirmed',
    () => 'jit login starts a new one',
  ),
  login_not_offered: row<{ readonly server: string; readonly way: LoginWay['kind'] }>(
    4,
    403,
    (p) => `${p.server} lets nobody log in ${LOGIN_WAYS[p.way].name}`,
    (p) => LOGIN_WAYS[p.way].instead,
  ),
  another_person: row<{ readonly was: string; readonly is: string }>(
    4,
    403,
    (p) => `this was begun by ${p.was}, and ${p.is} has logged in: nothing was done`,
    () => 'the same command again does it in the new name',
  ),
  workload_token_unusable: row<{ readonly file: string } & Why>(
    4,
    500,
    (p) => `the workload token ${p.file} cannot be used: ${p.why}`,
    () => 'name the file that your CI or cluster keeps fresh: --workload-token-file',
  ),
  workload_refused: row<{ readonly server: string } & Why>(
    4,
    401,
    (p) => `${p.server} does not take the workload token: ${p.why}`,
    () => "compare its claims with identity.workloads in the server's configuration",
  ),
  no_server: row<Nothing>(
    4,
    400,
    () => 'no server is configured',
    () => 'jit login https://jit.example.com, or set JIT_SERVER',
  ),
  keychain_missing: row<Why>(
    4,
    500,
    (p) => `there is no usable keychain: ${p.why}`,
    () => 'JIT_KEYCHAIN=file keeps secrets in encrypted files under a passphrase',
  ),
  keychain_locked: row<Why>(
    4,
    500,
    (p) => `the keychain is locked: ${p.why}`,
    () => 'unlock it in your desktop session, or use JIT_KEYCHAIN=file',
  ),
  keychain_hanging: row<{ readonly afterMs: number }>(
    4,
    500,
    (p) => `the keychain did not answer within ${p.afterMs / 1000} s`,
    () => 'look for an unlock prompt on your desktop, or use JIT_KEYCHAIN=file',
  ),
  keychain_unreadable: row<{ readonly item: string } & Why>(
    4,
    500,
    (p) => `the keychain item "${p.item}" cannot be read: ${p.why}`,
    () => 'jit doctor looks closer; jit login replaces the session',
  ),
  passphrase_needed: row<Why & { readonly next?: string | undefined }>(
    4,
    500,
    (p) => `the file keychain cannot be opened: ${p.why}`,
    (p) => p.next ?? 'set JIT_KEYCHAIN_PASSPHRASE_FD or JIT_KEYCHAIN_PASSPHRASE, or run on a terminal',
  ),

  // Not there yet, or no longer (5, 6, 7)
  still_pending: row<Id & Why>(
    5,
    409,
    (p) => `${p.id} is still pending: ${p.why}`,
    (p) => `jit wait ${p.id}`,
  ),
  no_grant: row<Why & { readonly next?: string | undefined }>(
    6,
    404,
    (p) => p.why,
    (p) => p.next ?? 'jit request asks for one',
  ),
  not_confirmed: row<Id & Why & { readonly next?: string | undefined }>(
    7,
    502,
    (p) => `${p.id}: revocation is not confirmed yet: ${p.why}`,
    (p) => p.next ?? 'the server keeps trying; jit status shows it',
  ),
  not_all_revoked: row<{ readonly count: number; readonly total: number } & Why>(
    7,
    503,
    (p) => `${p.count} of ${p.total} were not taken away: ${p.why}`,
    () => 'the rest was revoked; run the same command again for what is left',
  ),

  // Reaching the server (8)
  provider_failed: row<{ readonly issuer: string } & Why>(
    8,
    503,
    (p) => `${p.issuer} did not do its part: ${p.why}`,
    () => 'try again; whoever runs the server sees more in its log',
  ),
  unreachable: row<{ readonly address: string } & Why>(
    8,
    503,
    (p) => `${p.address} was not reached: ${p.why}`,
    () => 'nothing here was changed; jit doctor looks closer',
  ),
  store_full: row<Nothing>(
    8,
    503,
    () => "the server's disk is full: nothing new is given meanwhile, and what is held can be given back",
    () => 'whoever runs the server makes room beside its store; it goes on by itself then',
  ),
  store_unreachable: row<Why>(
    8,
    503,
    (p) => `the server does not reach its database: ${p.why}`,
    () => 'try again; whoever runs the server sees more in its log',
  ),

  // Everything else (1)
  failed: row<Why>(
    1,
    500,
    (p) => p.why,
    () => 'jit doctor looks for the cause',
  ),
  not_found: row<{ readonly what: string; readonly next?: string | undefined }>(
    1,
    404,
    (p) => `there is no ${p.what}`,
    (p) => p.next ?? 'jit status and jit history list what there is',
  ),
  forbidden: row<Why>(
    1,
    403,
    (p) => p.why,
    () => 'jit whoami shows who you are',
  ),
  already_decided: row<Id & { readonly state: string; readonly next?: string | undefined }>(
    1,
    409,
    (p) => `${p.id} is ${p.state} already`,
    (p) => p.next ?? `nothing was changed; see who decided with jit inbox ${p.id}`,
  ),
  already_reviewed: row<Id>(
    1,
    409,
    (p) => `you have approved ${p.id} already: somebody else must as well`,
    () => 'jit inbox lists what waits for you',
  ),
  request_changed: row<Id>(
    1,
    409,
    (p) => `${p.id} is not what you looked at any more`,
    () => 'look at it again, and then decide',
  ),
  cannot_widen: row<Why>(
    2,
    422,
    (p) => `approving can only make a request smaller: ${p.why}`,
    () => 'shorten the time with --for, or drop scopes',
  ),
  channel_failed: row<{ readonly channel: string } & Why>(
    1,
    502,
    (p) => `${p.channel} did not take it: ${p.why}`,
    () => 'the server tries again',
  ),
  lost_race: row<{ readonly what: string }>(
    1,
    409,
    (p) => `${p.what} was changed by someone else at the same moment`,
    () => 'jit status shows how it stands',
  ),
  too_many: row<{ readonly what: string; readonly afterSeconds: number }>(
    1,
    429,
    (p) => `too many ${p.what}`,
    (p) => `try again in ${formatDuration(p.afterSeconds)}`,
  ),
  limit_reached: row<{ readonly what: string; readonly instead: string }>(
    1,
    429,
    (p) => `you have ${p.what} already, and may not have more`,
    (p) => p.instead,
  ),
  bad_answer: row<{ readonly address: string } & Why>(
    1,
    502,
    (p) => `${p.address} answered something that jit cannot use: ${p.why}`,
    () => 'check the address; nothing was stored',
  ),
  not_offered: row<{ readonly address: string; readonly what: string }>(
    1,
    501,
    (p) => `${p.address} does not offer this: ${p.what}`,
    () => 'nothing was changed; ask whoever runs it how this is done there',
  ),
  plugin_changed: row<{ readonly plugin: string; readonly expected: string; readonly found: string }>(
    1,
    500,
    (p) => `${p.plugin} is another file now: its SHA-256 is ${p.found}, and the profile says ${p.expected}`,
    () => 'it was not run; once you know why it changed, write the new one into sha256',
  ),
  plugin_unusable: row<{ readonly plugin: string } & Why>(
    1,
    500,
    (p) => `${p.plugin} cannot be used: ${p.why}`,
    () => 'docs/plugins.md says what a plugin must be',
  ),
  insecure_server: row<{ readonly address: string }>(
    2,
    400,
    (p) => `${p.address} is plain http`,
    () => 'use https; plain http is for loopback only',
  ),
  config_invalid: row<{ readonly at: string } & Why>(
    1,
    500,
    (p) => `${p.at}: ${p.why}`,
    () => 'jit server starts when the configuration is right',
  ),
  settings_invalid: row<{ readonly at: string } & Why>(
    1,
    500,
    (p) => `${p.at}: ${p.why}`,
    () => 'correct the file, or move it away: jit login writes a new one',
  ),
  store_in_use: row<{ readonly path: string; readonly isForAMoment?: true }>(
    1,
    500,
    (p) => `another jit server is using ${p.path}`,
    (p) =>
      p.isForAMoment
        ? 'stop it for this, and start it again; on PostgreSQL servers go on meanwhile'
        : 'stop it first, or give this one its own store',
  ),
  store_not_empty: row<{ readonly path: string }>(
    1,
    500,
    (p) => `${p.path} has been used: a backup is restored into an empty store only`,
    () => 'name a new file, or an empty database, under store',
  ),
  not_quarantined: row<Nothing>(
    1,
    409,
    () => 'this store is not in quarantine: there is nothing to confirm',
    () =>
      'only a store that was restored waits for that; jit server restore --quarantine puts it in quarantine',
  ),
  backup_exists: row<{ readonly backup: string }>(
    1,
    500,
    (p) => `${p.backup} is there already`,
    () => 'name another file: what was kept is not written over',
  ),
  backup_unusable: row<Why>(
    1,
    500,
    (p) => `the backup cannot be used: ${p.why}`,
    () => 'nothing was changed; try another one, with the secret that it was made under',
  ),
  in_quarantine: row<{ readonly takenAt: string }>(
    1,
    503,
    (p) =>
      `the server was restored from a copy of ${p.takenAt}, and nothing is given or decided until that is confirmed`,
    () => 'whoever runs it looks with jit server reconcile, and confirms with jit server restore --confirm',
  ),
  address_in_use: row<{ readonly address: string }>(
    1,
    500,
    (p) => `${p.address} is in use`,
    () => 'stop what listens there, or change "listen"',
  ),
  target_failed: row<{ readonly target: string } & Why>(
    1,
    502,
    (p) => `${p.target} refused or was not reached: ${p.why}`,
    () => 'jit wait tries again while the approval holds',
  ),
  clock_wrong: row<{ readonly offsetSeconds: number }>(
    1,
    503,
    (p) => `this machine's clock differs from the server's by ${formatDuration(Math.abs(p.offsetSeconds))}`,
    () => 'set the clock',
  ),
  server_clock_wrong: row<{ readonly offsetSeconds: number }>(
    8,
    503,
    (p) =>
      `the clock of the server's host is off by ${formatDuration(Math.abs(p.offsetSeconds))} from the one that grants go by, and nothing new is given meanwhile`,
    () =>
      'what is held ends when it should; whoever runs the server sets the clock, or restarts the server where it is right',
  ),
  child_not_found: row<{ readonly command: string }>(
    127,
    500,
    (p) => `${p.command}: command not found`,
    () => 'check the spelling and PATH',
  ),
  child_not_runnable: row<{ readonly command: string } & Why>(
    126,
    500,
    (p) => `${p.command}: ${p.why}`,
    () => 'check that it may be executed',
  ),
  interrupted: row<Why & { readonly next?: string | undefined }>(
    INTERRUPTED,
    499,
    (p) => p.why,
    (p) => p.next ?? '',
  ),
} as const;

function describeDemand({ maxAgeSeconds, strengths }: LoginDemand): string {
  const age =
    maxAgeSeconds === null ? [] : [`a login that is not older than ${formatDuration(maxAgeSeconds)}`];
  const strength = strengths.length === 0 ? [] : [`a login with ${strengths.join(' and ')}`];
  return [...age, ...strength].join(' and ');
}
