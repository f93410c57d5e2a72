import { describe, expect, it } from 'vitest';
import type { AuditEventKind } from '../../src/core/audit/event.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { CLOCKWORK } from '../support/crash/clockwork.ts';
import { ALONE } from '../support/crash/scene-list.ts';
import { SCENES } from '../support/crash/scenes.ts';

/** The fail points that scenes say there must be; each scene's own test holds it to that. */
const points = [
  ...Object.values(SCENES).flatMap(({ passes }) => passes),
  ...Object.values(CLOCKWORK).flatMap(({ passes }) => passes),
  ...Object.values(ALONE).flat(),
];

/** What a scene is cut at; `reads`; or why no scene is. */
type Where = { readonly cutAt: RegExp } | 'reads' | { readonly why: string };

const METHODS: Readonly<Record<keyof Store, Where>> = {
  commit: { cutAt: /^(before|after) (request|grant|credential|keys)\./ },
  takeWork: { cutAt: /^after taking / },
  finishWork: { cutAt: /^after finishing / },
  postponeWork: { cutAt: /^after postponing / },
  recordDelivery: { cutAt: /^after a delivery/ },
  recordAttempt: { cutAt: /^after a try/ },
  recordUse: { cutAt: /^after a use/ },
  replaceSetting: { cutAt: /^after a setting/ },
  readSetting: {
    why: 'it writes at the very first start, and whoever comes second finds what the first one made',
  },
  readRequest: 'reads',
  readGrant: 'reads',
  findGrantByToken: 'reads',
  findLiveGrant: 'reads',
  findEndedGrant: 'reads',
  listRequests: 'reads',
  listGrants: 'reads',
  findIdempotent: 'reads',
  listEvents: 'reads',
  listChanges: 'reads',
  findPosition: 'reads',
  readNotice: 'reads',
  listNotices: 'reads',
  findNextWorkAt: 'reads',
  readFigures: 'reads',
  listSettings: 'reads',
  changes: 'reads',
  close: 'reads',
};

/** What is on record with every event: `scene`, or why no scene is cut at it. */
const EVENTS: Readonly<Record<AuditEventKind, 'scene' | { readonly why: string }>> = {
  'request.submitted': 'scene',
  'request.approved': 'scene',
  'request.denied': 'scene',
  'request.cancelled': 'scene',
  'request.lapsed': 'scene',
  'request.reviewed': 'scene',
  'request.review_refused': 'scene',
  'request.reminded': 'scene',
  'request.escalated': 'scene',
  'request.reviewed_afterwards': 'scene',
  'request.review_overdue': 'scene',
  'grant.provisioning': 'scene',
  'grant.activated': 'scene',
  'grant.failed': 'scene',
  'grant.redelivered': 'scene',
  'grant.extended': 'scene',
  'grant.certificate_signed': 'scene',
  'grant.revoking': 'scene',
  'grant.revocation_failed': 'scene',
  'grant.revocation_overdue': 'scene',
  'grant.lingers': 'scene',
  'grant.ended': 'scene',
  'credential.stray_removed': 'scene',
  'credential.rotated': 'scene',
  'people.revoked': 'scene',
  'keys.rotated': 'scene',
  'store.confirmed': 'scene',
  'person.left': { why: 'leaving.test.ts cuts it' },
  'person.linked': {
    why: 'a link is one write of the people’s store, told afterwards; it gives no access by itself',
  },
  'session.started': {
    why: 'on record before the token is given: a token that nobody was told of opens nothing',
  },
  'session.refused': { why: 'a refusal changes nothing' },
  'session.ended': { why: 'the session is gone before it is on record, and gone it stays' },
  'store.full': { why: 'who finds no room says so again' },
  'store.has_room': { why: 'it changes nothing but what people are told' },
  'config.reloaded': { why: 'the configuration is in its file, and is read at the next start' },
};

describe('the paths that are cut at every write', () => {
  it.each(Object.entries(METHODS))('pass %s of the store, or it is said why not', (_, where) => {
    if (where === 'reads' || 'why' in where) return;
    expect(points.filter((point) => where.cutAt.test(point))).not.toEqual([]);
  });

  it.each(Object.entries(EVENTS))('pass what is on record as %s, or it is said why not', (kind, where) => {
    if (where !== 'scene') return;
    expect(points.filter((point) => point.replace(/, time \d+$/, '').endsWith(` ${kind}`))).not.toEqual([]);
  });
});
