import type { AuditEvent, AuditEventKind } from '../../../src/core/audit/event.ts';
import { canMoveGrant, type Grant, type GrantState } from '../../../src/core/grant.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { type AccessRequest, canMoveRequest, type RequestState } from '../../../src/core/request.ts';
import type { Instant } from '../../../src/core/time.ts';
import { findBrokenPromises } from './broken-promises.ts';
import type { Told } from './history.ts';

const ALL = 1_000_000;
const LATE_MS = 5_000;
const LOOK_MS = 10_000;

export type Inspected = {
  readonly store: Pick<Store, 'listRequests' | 'listGrants' | 'listEvents'>;
  /** The targets, by name; those that are not given are not looked at. */
  readonly connectors?: ReadonlyMap<string, Pick<Connector, 'list'>>;
  readonly now: Instant;
  /** What clients were told meanwhile. */
  readonly told?: readonly Told[];
};

/**
 * Everything at store and targets, and in what clients were told, that breaks I1, I2, I3 or I4 (docs/requirements.md), as
 * sentences; none when all hold.
 */
export async function findViolations(inspected: Inspected): Promise<readonly string[]> {
  const { store, now } = inspected;
  const live = await listLive(inspected);
  const [requests, grants, events] = await Promise.all([
    store.listRequests({ limit: ALL }),
    store.listGrants({ limit: ALL }),
    store.listEvents({ limit: ALL }),
  ]);
  return [
    ...judgeTargets(live, grants),
    ...judgeGrants(grants),
    ...grants.filter((grant) => isLate(grant, now)).map((grant) => `I3: ${grant.id} outlives its end`),
    ...judgeEvents({ of: 'request', rows: requests }, events),
    ...judgeEvents({ of: 'grant', rows: grants }, events),
    ...findBrokenPromises(inspected.told ?? [], [...requests, ...grants]),
  ];
}

type Live = { readonly target: string; readonly handle: string };

// The targets first: intent precedes the credential, so what is found here has its grant on record by then.
async function listLive({ connectors, now }: Inspected): Promise<readonly Live[]> {
  const lists = [...(connectors ?? [])].map(async ([target, connector]) => {
    const live = await connector.list(now + LOOK_MS);
    return live.map(({ handle }) => ({ target, handle }));
  });
  return (await Promise.all(lists)).flat();
}

function judgeTargets(live: readonly Live[], grants: readonly Grant[]): readonly string[] {
  const held = new Set(grants.filter((grant) => grant.state !== 'ended').map(describePlace));
  return live
    .filter(({ target, handle }) => !held.has(`${handle} at ${target}`))
    .map(({ target, handle }) => `I1: ${handle} at ${target} is live and no grant is`);
}

function judgeGrants(grants: readonly Grant[]): readonly string[] {
  const open = grants.filter((grant) => grant.state !== 'ended').map((grant) => grant.requestId);
  return [
    ...findRepeated(open).map((id) => `I2: ${id} has more than one grant that is not ended`),
    ...findRepeated(grants.map(describePlace)).map((place) => `I2: ${place} belongs to two grants`),
    ...grants.filter(isUnconfirmed).map((grant) => `I1: ${grant.id} is ended and not confirmed`),
  ];
}

function describePlace(grant: Grant): string {
  return `${grant.handle} at ${grant.target}`;
}

function isUnconfirmed({ state, revocation, endedAt, endedBecause }: Grant): boolean {
  if (state !== 'ended') return false;
  return !revocation.confirmed || revocation.target !== 'gone' || endedAt === null || endedBecause === null;
}

function isLate({ state, expiresAt }: Grant, now: Instant): boolean {
  return (state === 'active' || state === 'provisioning') && now > expiresAt + LATE_MS;
}

/** What an event says happened to the row: its next state, or that it changed and stayed. */
type Effect = { readonly request?: RequestState | 'same'; readonly grant?: GrantState | 'same' };

const EFFECTS: Readonly<Partial<Record<AuditEventKind, Effect>>> = {
  'request.approved': { request: 'approved' },
  'request.denied': { request: 'denied' },
  'request.reviewed': { request: 'same' },
  'request.escalated': { request: 'same' },
  'request.reviewed_afterwards': { request: 'same' },
  'request.cancelled': { request: 'cancelled', grant: 'revoking' },
  'request.lapsed': { request: 'lapsed', grant: 'revoking' },
  'grant.provisioning': { request: 'same', grant: 'provisioning' },
  'grant.activated': { request: 'claimed', grant: 'active' },
  'grant.extended': { request: 'claimed', grant: 'same' },
  'grant.redelivered': { grant: 'same' },
  'grant.failed': { grant: 'revoking' },
  'grant.revoking': { grant: 'revoking' },
  'grant.revocation_failed': { grant: 'same' },
  'grant.revocation_overdue': { grant: 'same' },
  'grant.lingers': { grant: 'same' },
  'grant.ended': { grant: 'ended' },
};

type Row = AccessRequest | Grant;
type Ledger = { readonly of: 'request' | 'grant'; readonly rows: readonly Row[] };

/** Replays the events over every row: each step legal, the last one's state the row's, one event for each version. */
function judgeEvents({ of, rows }: Ledger, events: readonly AuditEvent[]): readonly string[] {
  const effects = new Map<string, readonly string[]>(rows.map((row) => [row.id, []]));
  const strangers: string[] = [];
  for (const event of events) {
    const id = of === 'request' ? event.requestId : event.grantId;
    const effect = findEffect(event, of);
    if (id === null || effect === undefined) continue;
    const known = effects.get(id);
    if (known) effects.set(id, [...known, effect]);
    else strangers.push(`I4: there is an event of ${id} and no row`);
  }
  return [...strangers, ...rows.flatMap((row) => judgeRow(row, effects.get(row.id) ?? []))];
}

function findEffect(event: AuditEvent, of: Ledger['of']): string | undefined {
  if (event.kind !== 'request.submitted') return EFFECTS[event.kind]?.[of];
  return of === 'request' ? String(event.detail.state) : undefined;
}

function judgeRow(row: Row, effects: readonly string[]): readonly string[] {
  const complaints: string[] = [];
  let state: string | undefined;
  for (const effect of effects) {
    const next = effect === 'same' ? (state ?? effect) : effect;
    if (state !== undefined && effect !== 'same' && !canFollow(row, state, next))
      complaints.push(`I2: ${row.id} went from ${state} to ${next}`);
    state = next;
  }
  if (state !== row.state) complaints.push(`I4: ${row.id} is ${row.state}, its events say ${state}`);
  if (effects.length !== row.version)
    complaints.push(`I4: ${row.id} is at version ${row.version} after ${effects.length} events`);
  return complaints;
}

function canFollow(row: Row, from: string, to: string): boolean {
  return 'requestedBy' in row
    ? canMoveRequest(from as RequestState, to as RequestState)
    : canMoveGrant(from as GrantState, to as GrantState);
}

function findRepeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
