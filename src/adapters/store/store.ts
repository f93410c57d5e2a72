import type { Store, StoreChange, Transition } from '../../core/ports/store.ts';
import type { Access } from './access.ts';
import type { Changes } from './changes.ts';
import type { Engine } from './engine.ts';
import { findPosition, listEvents, listLog } from './queries/event-queries.ts';
import { readFigures } from './queries/figures.ts';
import {
  findEndedGrant,
  findGrantByToken,
  findLiveGrant,
  listGrants,
  readGrant,
} from './queries/grant-queries.ts';
import { listNotices, readNotice } from './queries/notice-queries.ts';
import { findIdempotent, listRequests, readRequest } from './queries/request-queries.ts';
import { listSettings } from './queries/setting-queries.ts';
import { findNextWorkAt } from './queries/work-queries.ts';
import { recordAttempt } from './write/attempts.ts';
import { commit } from './write/commit.ts';
import { recordDelivery } from './write/notices.ts';
import { sealEvents } from './write/seal.ts';
import { readSetting, replaceSetting } from './write/settings.ts';
import { recordUse } from './write/use.ts';
import { finishWork, postponeWork, takeWork } from './write/work.ts';

export type StoreParts = {
  readonly access: Access;
  readonly engine: Engine;
  readonly changes: Changes;
  readonly close: () => Promise<void>;
};

/** The `Store` over tables that are there already; one set of queries for every engine. */
export function createStore({ access, engine, changes, close }: StoreParts): Store {
  const { db } = access;
  return {
    commit: async (transition) => {
      const outcome = await commit({ access, engine }, transition);
      if (outcome === 'committed') changes.emit(findChange(transition), transition.event.id);
      return outcome;
    },
    readRequest: (id) => readRequest(db, id),
    readGrant: (id) => readGrant(db, id),
    findGrantByToken: (tokenId) => findGrantByToken(db, tokenId),
    findLiveGrant: (requestId) => findLiveGrant(db, requestId),
    findEndedGrant: (credential) => findEndedGrant(db, credential),
    listRequests: (filter) => listRequests(db, filter),
    listGrants: (filter) => listGrants(db, filter),
    findIdempotent: (subject, key) => findIdempotent(db, { subject, key }),
    listEvents: (filter) => listEvents(db, filter),
    listChanges: async (range) => {
      await sealEvents(access, engine);
      return (await listLog(db, range)).map(({ eventId: _, ...change }) => change);
    },
    findPosition: async () => {
      await sealEvents(access, engine);
      return await findPosition(db);
    },
    readNotice: (id) => readNotice(db, id),
    listNotices: (requestIds) => listNotices(db, requestIds),
    recordDelivery: async (record) => {
      const outcome = await recordDelivery(access, record);
      const { state, requestId } = record.notice;
      // Whoever waits for the request is told how others heard of it.
      if (outcome === 'recorded' && state === 'accepted') changes.emit({ requestId, grantId: null }, null);
      return outcome;
    },
    takeWork: (options) => takeWork(access, { ...options, engine }),
    finishWork: (work) => finishWork(access, work),
    postponeWork: ({ id, leasedUntil }, dueAt) => postponeWork(access, { id, leasedUntil, dueAt }),
    findNextWorkAt: () => findNextWorkAt(db),
    readFigures: async (now) => ({ ...(await readFigures(db, now)), isShortOfRoom: access.isShortOfRoom() }),
    recordAttempt: async (record) => {
      const outcome = await recordAttempt(access, record);
      const { id, requestId } = record.grant;
      if (outcome === 'recorded') changes.emit({ requestId, grantId: id }, null);
      return outcome;
    },
    recordUse: (grantId, at) => recordUse(access, { grantId, at }),
    readSetting: (name, make) => readSetting(access, { name, make }),
    listSettings: (prefix) => listSettings(db, prefix),
    replaceSetting: (change) => replaceSetting(access, change),
    changes: changes.listen,
    close,
  };
}

function findChange({ request, grant, event }: Transition): StoreChange {
  return {
    requestId: request ? readId(request) : event.requestId,
    grantId: grant ? readId(grant) : event.grantId,
  };
}

type Identified = { readonly insert: { readonly id: string } } | { readonly after: { readonly id: string } };

function readId(change: Identified): string {
  return 'insert' in change ? change.insert.id : change.after.id;
}
