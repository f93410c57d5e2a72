import { JitError } from '../../../src/core/errors.ts';
import type { Secret } from '../../../src/core/secret.ts';
import type { Claimed } from '../../../src/core/view.ts';
import { buildSubmission } from '../crash/scene.ts';
import type { Someone } from '../programs/log-in.ts';
import type { Random } from '../random.ts';
import { basic } from '../verifying/service-calls.ts';
import { type History, type WatchedBackend, watchBackend } from './history.ts';

/** Who lost to somebody else is told so: an answer like any other. Whoever got none knows nothing. */
const FAIR_CODES = new Set([
  'already_decided',
  'already_reviewed',
  'cancelled',
  'denied',
  'lapsed',
  'lost_race',
  'no_grant',
  'not_found',
  'request_changed',
]);
/** `store_unreachable`: the server says that it cannot know either. */
const NO_ANSWER_CODES = new Set(['unreachable', 'bad_answer', 'store_unreachable']);

export type LoadOptions = {
  readonly url: string;
  /** What the services introspect with. */
  readonly secret: string;
  readonly people: readonly Someone[];
  readonly lead: Someone;
  readonly history: History;
  readonly random: Random;
  /** Targets of `prod:api.read`; the sample service asks about all of them. */
  readonly services: readonly string[];
  /** Target of `prod:db.write`, which a person decides. */
  readonly decided: string;
};

export type LoadCounts = {
  /** Whole rounds that every answer of came. */
  done: number;
  /** Calls without an answer, after the client's own retries. */
  unanswered: number;
};

export type Load = {
  readonly counts: Readonly<LoadCounts>;
  /** The tokens that were given, by grant. */
  readonly tokens: ReadonlyMap<string, string>;
  /** What a client must never be told; none where all is well. */
  listComplaints(): readonly string[];
  stop(): Promise<void>;
};

/** People who ask for access, use it and give it back, each as fast as they are answered, until they are stopped. */
export function startLoad(options: LoadOptions): Load {
  const stopping = new AbortController();
  const counts: LoadCounts = { done: 0, unanswered: 0 };
  const complaints = new Set<string>();
  const tokens = new Map<string, string>();
  const lead = watchBackend(options.lead.backend, options.history);
  const loops = options.people.map(async (someone) => {
    const backend = watchBackend(someone.backend, options.history);
    while (!stopping.signal.aborted) {
      try {
        await playRound({ ...options, backend, lead, tokens });
        counts.done += 1;
      } catch (error) {
        if (hasOneOf(error, NO_ANSWER_CODES)) counts.unanswered += 1;
        else complaints.add(String(error));
      }
    }
  });
  return {
    counts,
    tokens,
    listComplaints: () => [...complaints],
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

type Round = Omit<LoadOptions, 'lead'> & {
  readonly backend: WatchedBackend;
  readonly lead: WatchedBackend;
  readonly tokens: Map<string, string>;
};

async function playRound(round: Round): Promise<void> {
  const chance = round.random.next();
  if (chance < 0.25) await decideTogether(round);
  else await useService(round, chance < 0.4);
}

/** Granted at once, perhaps fetched by a second machine, and given back twice at once. */
async function useService(round: Round, isFetchedTwice: boolean): Promise<void> {
  const { backend, random, services } = round;
  const target = random.pick(services);
  const asked = buildSubmission({ scopes: ['prod:api.read'], target });
  const { request, claimed } = await backend.submit(asked);
  if (!claimed) return;
  await introspect(round, claimed);
  if (isFetchedTwice) await fairly(backend.claim(request.id));
  await giveBack(round, claimed);
}

/** Approved, denied and taken back at once: one of them counts. */
async function decideTogether(round: Round): Promise<void> {
  const { backend, lead, random } = round;
  const { request } = await backend.submit(
    buildSubmission({ scopes: ['prod:db.write'], target: round.decided }),
  );
  const approval = { scopes: null, durationSeconds: null, reason: 'go on', digest: request.digest };
  const moves = [
    () => lead.approve(request.id, approval),
    () => lead.deny(request.id, 'not now'),
    () => backend.cancel(request.id),
  ];
  const first = random.below(moves.length);
  const inTurn = [...moves.slice(first), ...moves.slice(0, first)];
  await Promise.all(inTurn.map((move) => fairly(move())));
  const { state } = await backend.readRequest(request.id);
  if (state === 'approved' || state === 'claimed') {
    const claimed = await fairly(backend.claim(request.id));
    if (claimed) await giveBack(round, claimed);
  }
}

async function giveBack(round: Round, claimed: Claimed): Promise<void> {
  const { backend } = round;
  const { id } = claimed.grant;
  round.tokens.set(id, claimed.token.reveal());
  await Promise.all([fairly(backend.revoke(id, 'done')), fairly(backend.revoke(id, 'revoked'))]);
  if (round.services.includes(claimed.grant.target)) await introspect(round, claimed);
  await backend.readGrant(id);
}

/** As a service asks. A replica that dies meanwhile says nothing. */
async function introspect({ history, url, secret }: Round, { grant, token }: Claimed): Promise<void> {
  const name = 'orders-api';
  await history
    .watch(
      () => ask({ url, name, secret, token }),
      (isActive) => [{ about: 'token', id: grant.id, isActive }],
    )
    .catch(() => {});
}

type Question = {
  readonly url: string;
  readonly name: string;
  readonly secret: string;
  readonly token: Secret;
};

async function ask({ url, name, secret, token }: Question): Promise<boolean> {
  const answer = await fetch(`${url}/oauth/introspect`, {
    method: 'POST',
    headers: { authorization: basic(name, secret), connection: 'close' },
    body: new URLSearchParams({ token: token.reveal() }),
  });
  const { active } = (await answer.json()) as { readonly active?: unknown };
  if (typeof active !== 'boolean') throw new Error(`introspection answered ${answer.status}`);
  return active;
}

/** Was somebody told that somebody else had been faster? */
export function isFair(error: unknown): boolean {
  return hasOneOf(error, FAIR_CODES);
}

/** Undefined for who lost to somebody else. */
async function fairly<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isFair(error)) return undefined;
    throw error;
  }
}

function hasOneOf(error: unknown, codes: ReadonlySet<string>): boolean {
  return error instanceof JitError && codes.has(error.code);
}
