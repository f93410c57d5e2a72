import { describe, expect, it } from 'vitest';
import { needsRoom } from '../../src/core/room.ts';

describe('a store that is short of room', () => {
  it.each([
    'request.submitted',
    'request.approved',
    'request.reviewed',
    'grant.provisioning',
    'grant.extended',
    'grant.certificate_signed',
  ] as const)('takes no %s', (kind) => {
    expect(needsRoom({ kind, detail: {} })).toBe(true);
  });

  it.each([
    'request.denied',
    'request.cancelled',
    'request.lapsed',
    'grant.revoking',
    'grant.revocation_failed',
    'grant.ended',
    'session.ended',
    'people.revoked',
  ] as const)('takes every %s', (kind) => {
    expect(needsRoom({ kind, detail: {} })).toBe(false);
  });

  it('finishes what is at a target already', () => {
    const kinds = ['grant.activated', 'grant.redelivered'] as const;
    expect(kinds.map((kind) => needsRoom({ kind, detail: {} }))).toEqual([false, false]);
  });

  it('signs no token again, for which nothing at a target waits', () => {
    expect(needsRoom({ kind: 'grant.redelivered', detail: { token_only: true } })).toBe(true);
  });
});
