import { hasCode, JitError } from '../core/errors.ts';
import type { HeldGrant, LocalState } from '../core/ports/local-state.ts';
import type { GrantView, ScopeView, StatusView } from '../core/view.ts';
import { drop, listHeld } from './held.ts';
import { note } from './note.ts';
import { isOthers } from './others.ts';
import type { ClientParts } from './parts.ts';
import { isOpen } from './request.ts';
import { wasTaken } from './taken.ts';

const ASKING_MS = 2_000;
const MOST_TOLD = 5;

export type KnownStatus = StatusView & {
  /** False when it comes from this machine's memory: then `asOf` says how old it is. */
  readonly isCurrent: boolean;
  /** What was held here until somebody took it away, or the server did because nobody used it. */
  readonly ended?: readonly GrantView[];
  /** What somebody else held here, who was logged in before: it may be live, and only its copy is gone. */
  readonly left?: readonly GrantView[];
};

/** What is open, as the server says it within 2 s; else as it was when last heard of. */
export async function readStatus(parts: ClientParts): Promise<KnownStatus> {
  try {
    const status = await parts.backend.readStatus({ timeoutMs: ASKING_MS });
    await note(parts, (state) => withStatus(state, parts.server, status));
    const gone = await dropDead(parts, status);
    return { ...status, isCurrent: true, ...(await explain(parts, gone)) };
  } catch (error) {
    if (hasCode(error, 'unreachable')) return readOfflineStatus(parts);
    throw error;
  }
}

/** What this machine remembers, without what is over by now. */
export async function readOfflineStatus(
  parts: Pick<ClientParts, 'state' | 'clock' | 'server'>,
): Promise<KnownStatus> {
  const state = await parts.state.read();
  const now = parts.clock.now();
  const requests = state.requests.filter(({ server }) => server === parts.server).map(({ view }) => view);
  const grants = state.grants.filter(({ server }) => server === parts.server).map(({ view }) => view);
  const heardAt = [
    state.servers[parts.server]?.asOf ?? 0,
    ...requests.map((view) => view.createdAt),
    ...grants.map((view) => view.claimedAt),
  ];
  return {
    isCurrent: false,
    asOf: Math.max(...heardAt) || now,
    requests: requests.filter((view) => (view.claimBy ?? view.lapsesAt) > now),
    grants: grants.filter((view) => view.expiresAt > now),
  };
}

/** The catalogue, remembered for completion. */
export async function listScopes(parts: ClientParts): Promise<readonly ScopeView[]> {
  const scopes = await parts.backend.listScopes();
  await note(parts, (state) => ({
    ...state,
    servers: {
      ...state.servers,
      [parts.server]: { name: '', asOf: 0, ...state.servers[parts.server], scopes },
    },
  }));
  return scopes;
}

/** A grant that the server does not list any more was taken away elsewhere: its copy here is worthless. */
async function dropDead(parts: ClientParts, status: StatusView): Promise<readonly HeldGrant[]> {
  const live = new Set(status.grants.filter((view) => view.state !== 'revoking').map((view) => view.id));
  const dead = (await listHeld(parts)).filter(
    (held) => !live.has(held.view.id) && held.view.claimedAt < status.asOf,
  );
  for (const held of dead) {
    // What cannot be removed now is removed by a later call, at the latest when its time is over.
    await drop(parts, { ...held, id: held.view.id }).catch((error: unknown) => {
      if (!(error instanceof JitError)) throw error;
    });
  }
  return dead;
}

async function explain(
  parts: ClientParts,
  gone: readonly HeldGrant[],
): Promise<Pick<KnownStatus, 'ended' | 'left'>> {
  const state = await parts.state.read();
  const left = gone.filter((held) => isOthers(state, held)).map(({ view }) => view);
  const ended = await readTaken(
    parts,
    gone.filter((held) => !isOthers(state, held)),
  );
  return { ...(ended.length === 0 ? {} : { ended }), ...(left.length === 0 ? {} : { left }) };
}

/** Those of them that were taken from their holder, who hears of it here, once. */
async function readTaken(parts: ClientParts, dead: readonly HeldGrant[]): Promise<readonly GrantView[]> {
  const looks = dead
    .slice(0, MOST_TOLD)
    .map(({ view }) => parts.backend.readGrant(view.id).catch(() => undefined));
  const grants = await Promise.all(looks);
  return grants.filter((grant) => grant !== undefined).filter(wasTaken);
}

function withStatus(state: LocalState, server: string, status: StatusView): LocalState {
  const views = new Map(status.grants.map((view) => [view.id, view]));
  return {
    grants: state.grants.map((held) =>
      held.server === server ? { ...held, view: views.get(held.view.id) ?? held.view } : held,
    ),
    requests: [
      ...state.requests.filter((known) => known.server !== server),
      ...status.requests.filter(isOpen).map((view) => ({ server, view })),
    ],
    servers: {
      ...state.servers,
      [server]: { name: '', scopes: [], ...state.servers[server], asOf: status.asOf },
    },
  };
}
