import { createServerBackend } from '../../../src/adapters/backends/server.ts';
import { createSystemClock } from '../../../src/adapters/clock.ts';
import { createHttp } from '../../../src/adapters/oauth/http.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import type { Http } from '../../../src/core/ports/http.ts';
import type { StoredSession } from '../../../src/core/ports/session.ts';
import type { Secret } from '../../../src/core/secret.ts';
import type { Claimed } from '../../../src/core/view.ts';
import { FAULT_PIN, FAULT_SERVICE, type FaultPlace } from '../faults/config.ts';
import { createHistory, type Told, watchBackend } from '../faults/history.ts';
import { basic } from '../verifying/service-calls.ts';
import type { Cast, Role } from './scene.ts';

/** A machine with much else to do is no fault. */
const LONGEST_MS = 60_000;

export type Sessions = Readonly<Record<Role, StoredSession>>;

/** Those who take part in one run, and what they were told and given. */
export type WatchedCast = {
  readonly cast: Cast;
  readonly told: readonly Told[];
  /** Tokens of the grants that were claimed, by grant. */
  readonly tokens: ReadonlyMap<string, Secret>;
  /** All that nobody but them may ever see, by what it is. */
  listSecrets(): ReadonlyMap<string, string>;
  /** What was called and not answered is not asked again: the next server has to do without it. */
  giveUp(): void;
};

export function openCast(place: FaultPlace, sessions: Sessions): WatchedCast {
  const history = createHistory();
  const claims: Claimed[] = [];
  const keep = <T extends Claimed | null | undefined>(claimed: T): T => {
    if (claimed) claims.push(claimed);
    return claimed;
  };
  const system = createSystemClock();
  let life = 0;
  const sleep = async (ms: number): Promise<void> => {
    const own = life;
    await system.sleep(ms);
    if (own !== life) await new Promise(() => {});
  };
  const open = (session: StoredSession): ApprovalBackend => {
    const backend = openBackend(place, session, { ...system, sleep });
    const watched = watchBackend(backend, history);
    return {
      ...backend,
      ...watched,
      submit: async (submission) => {
        const answer = await watched.submit(submission);
        keep(answer.claimed);
        return answer;
      },
      claim: async (id, what) => keep(await watched.claim(id, what)),
    };
  };
  return {
    cast: { dev: open(sessions.dev), lead: open(sessions.lead), onCall: open(sessions.onCall) },
    told: history.told,
    get tokens() {
      return new Map(claims.map(({ grant, token }) => [grant.id, token]));
    },
    listSecrets: () =>
      new Map([...Object.values(sessions).flatMap(listSecretsOf), ...claims.flatMap(listOfClaim)]),
    giveUp: () => {
      life += 1;
    },
  };
}

function openBackend(place: FaultPlace, session: StoredSession, clock: Clock): ApprovalBackend {
  const source = { read: async () => session, renew: async () => session };
  return createServerBackend({
    server: `http://127.0.0.1:${place.port}`,
    http: createDirectHttp(place),
    session: source,
    clock,
  });
}

/** To where the server listens, by whatever name it is called. */
function createDirectHttp({ port, listenPort = port }: FaultPlace): Http {
  const http = createHttp({ timeoutMs: LONGEST_MS });
  const host = `127.0.0.1:${port}`;
  return {
    send: (call) =>
      http.send({
        ...call,
        url: call.url.replace(host, `127.0.0.1:${listenPort}`),
        headers: { ...call.headers, host },
      }),
  };
}

/** Is it still good, for who asks the server? */
export async function introspect(place: FaultPlace, token: Secret): Promise<boolean> {
  const answer = await createDirectHttp(place).send({
    method: 'POST',
    url: `http://127.0.0.1:${place.port}/oauth/introspect`,
    headers: {
      authorization: basic(FAULT_SERVICE.name, FAULT_SERVICE.secret),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token: token.reveal() }).toString(),
  });
  const { active } = JSON.parse(answer.body) as { readonly active?: unknown };
  if (typeof active !== 'boolean') throw new Error(`introspection answered ${answer.status}`);
  return active;
}

type Named = readonly (readonly [string, string])[];

/** What only the holder of a session may know, by what it is. */
export function listSecretsOf({ accessToken, refreshToken, dpopKey }: StoredSession): Named {
  const key = JSON.parse(dpopKey.reveal()) as { readonly d?: string };
  return [
    [`an access token ${accessToken.reveal().slice(0, 4)}`, accessToken.reveal()],
    [`a refresh token of ${accessToken.reveal().slice(0, 4)}`, refreshToken?.reveal() ?? FAULT_PIN.reveal()],
    [`the key of ${accessToken.reveal().slice(0, 4)}`, key.d ?? dpopKey.reveal()],
  ];
}

function listOfClaim({ grant, token, credential }: Claimed): Named {
  const passwords = credential?.secretFiles.map(({ instead }) => instead.value.reveal()) ?? [];
  return [
    [`the token of ${grant.id}`, token.reveal()],
    ...passwords.map((password) => [`the password of ${grant.id}`, password] as const),
  ];
}
