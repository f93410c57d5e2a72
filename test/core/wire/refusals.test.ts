import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { claimedMessage, encodeClaimed } from '../../../src/core/wire/claim.ts';
import { encodeGrant, grantMessage } from '../../../src/core/wire/grant.ts';
import { askMessage, revokeMessage, scopesMessage } from '../../../src/core/wire/messages.ts';
import { decodeProblem } from '../../../src/core/wire/problem.ts';
import { encodeRequest, requestMessage } from '../../../src/core/wire/request.ts';
import { sampleClaimed, sampleGrantView, sampleRequestView } from '../../support/core-samples.ts';

const asked = {
  scopes: ['prod:db.read'],
  target: 'orders',
  duration_seconds: 1800,
  reason: 'INC-4211 slow checkout',
};

describe('asking', () => {
  it('takes what a client may say and fills in the rest', () => {
    expect(v.parse(askMessage, asked)).toEqual({
      ...asked,
      ticket: null,
      extends_grant_id: null,
      break_glass: false,
    });
  });

  it.each([
    ['state', 'approved'],
    ['requested_by', 'dba-lead'],
    ['subject', 'u2'],
    ['groups', ['dba']],
    ['approvals', { needed: 0, given: 0 }],
    ['reviews', [{ by: 'dba-lead', outcome: 'approved' }]],
    ['lapses_at', '2030-01-01T00:00:00Z'],
    ['claim_by', '2030-01-01T00:00:00Z'],
    ['expires_at', '2030-01-01T00:00:00Z'],
    ['decision', { outcome: 'automatic' }],
    ['id', 'req_1'],
    ['digest', 'x'],
  ])('S2: is refused with %s in it', (field, value) => {
    expect(v.safeParse(askMessage, { ...asked, [field]: value }).success).toBe(false);
  });

  it('S2: is refused with __proto__ in it', () => {
    const text = `${JSON.stringify(asked).slice(0, -1)},"__proto__":{"state":"approved"}}`;
    expect(v.safeParse(askMessage, JSON.parse(text)).success).toBe(false);
  });

  it.each([
    ['no scope', { scopes: [] }],
    ['too many scopes', { scopes: Array.from({ length: 17 }, () => 'prod:db.read') }],
    ['a wildcard', { scopes: ['prod:*.read'] }],
    ['one scope that is no list', { scopes: 'prod:db.read' }],
    ['a path for a target', { target: '../orders' }],
    ['no time', { duration_seconds: 0 }],
    ['half a second', { duration_seconds: 0.5 }],
    ['a text for a number', { duration_seconds: '1800' }],
    ['more than a year', { duration_seconds: 367 * 86_400 }],
    ['a reason over 8 KiB, counted in bytes', { reason: 'é'.repeat(4097) }],
    ['a reason that is null', { reason: null }],
  ])('INP-01: is refused with %s', (_, change) => {
    expect(v.safeParse(askMessage, { ...asked, ...change }).success).toBe(false);
  });
});

describe('giving back', () => {
  it('S2: says why in two words and nothing else', () => {
    expect(v.parse(revokeMessage, { because: 'done' })).toEqual({ because: 'done', wait_seconds: 0 });
    for (const body of [
      {},
      { because: 'expired' },
      { because: 'done', state: 'ended' },
      { because: 'done', wait_seconds: 31 },
    ]) {
      expect(v.safeParse(revokeMessage, body).success).toBe(false);
    }
  });
});

describe('INP-04: a NUL, which no variable of a child can hold', () => {
  const claimed = encodeClaimed(sampleClaimed);
  const credential = claimed.credential;

  it.each([
    ['the token', { token: 'a\0b' }],
    ['the target', { grant: { ...claimed.grant, target: 'orders\0' } }],
    ['a scope', { grant: { ...claimed.grant, scopes: ['prod:db.read\0'] } }],
    ['the environment', { credential: { ...credential, environment: { PGHOST: 'db\0' } } }],
    ['the secret environment', { credential: { ...credential, secret_environment: { PGPASSWORD: '\0' } } }],
  ])('is refused in %s', (_, change) => {
    expect(v.safeParse(claimedMessage, { ...claimed, ...change }).success).toBe(false);
  });
});

describe('INP-04: a name that is no name', () => {
  const request = encodeRequest(sampleRequestView);
  const grant = encodeGrant(sampleGrantView);
  const scope = {
    name: 'prod:db.read',
    description: 'Read production data',
    sensitivity: 'medium',
    default_seconds: 1800,
    max_seconds: 14_400,
    targets: [{ name: 'orders', kind: 'ssh', outcome: 'needs_people' }],
    minimum_reason_length: 0,
    needs_ticket: false,
  };
  const target = (name: string) => ({ ...scope, targets: [{ name, kind: 'ssh', outcome: 'needs_people' }] });

  it.each(['../../../../../.ssh/id_ed25519', '/etc/passwd', 'orders;id', '$(id)', 'Orders', ''])(
    'is refused as a target: %j',
    (name) => {
      expect(v.safeParse(grantMessage, { ...grant, target: name }).success).toBe(false);
      expect(v.safeParse(requestMessage, { ...request, target: name }).success).toBe(false);
      expect(v.safeParse(scopesMessage, { scopes: [target('orders')] }).success).toBe(true);
      expect(v.safeParse(scopesMessage, { scopes: [target(name)] }).success).toBe(false);
    },
  );

  it.each(['prod:db.read;id', '$(id):db.read', 'prod:*.read', '../x', ''])(
    'is refused as a scope: %j',
    (name) => {
      expect(v.safeParse(grantMessage, { ...grant, scopes: [name] }).success).toBe(false);
      expect(v.safeParse(requestMessage, { ...request, scopes: [name] }).success).toBe(false);
      const originally = { ...request.originally, scopes: [name] };
      expect(v.safeParse(requestMessage, { ...request, originally }).success).toBe(false);
      expect(v.safeParse(scopesMessage, { scopes: [{ ...scope, name }] }).success).toBe(false);
    },
  );
});

describe('INP-04: an answer', () => {
  const request = encodeRequest(sampleRequestView);
  const grant = encodeGrant(sampleGrantView);

  it('may have fields that this program does not know', () => {
    expect(v.safeParse(requestMessage, { ...request, mood: 'good' }).success).toBe(true);
  });

  it.each([
    [null],
    ['<html>'],
    [[]],
    [{ ...request, id: '../../etc/passwd' }],
    [{ ...request, id: 'gr_1' }],
    [{ ...request, state: 'great' }],
    [{ ...request, created_at: 'yesterday' }],
    [{ ...request, created_at: 1_700_000_000 }],
    [{ ...request, scopes: 'prod:db.read' }],
    [{ ...request, duration_seconds: -1 }],
    [{ ...request, duration_seconds: 1e300 }],
    [{ ...request, duration_seconds: 2 ** 53 }],
    [{ ...request, duration_seconds: 101 * 366 * 86_400 }],
    [{ ...request, created_at: '9999-12-31T23:59:59-14:00' }],
    [{ ...request, reason: 'x'.repeat(5000) }],
    [{ ...request, grant_id: undefined }],
    [{ ...request, approvals: { needed: 1 } }],
  ])('is no request when it is malformed, case %#', (body) => {
    expect(v.safeParse(requestMessage, body).success).toBe(false);
  });

  it.each([
    [{ ...grant, id: 'req_1' }],
    [{ ...grant, expires_at: null }],
    [{ ...grant, ended_because: 'bored' }],
    [{ ...grant, revocation: { ...grant.revocation, confirmed: 'yes' } }],
    [{ ...grant, revocation: { ...grant.revocation, attempts: 1e300 } }],
    [{ ...grant, revocation: { ...grant.revocation, sessions_ended: -1 } }],
    [{ ...grant, revocation: null }],
  ])('is no grant when it is malformed, case %#', (body) => {
    expect(v.safeParse(grantMessage, body).success).toBe(false);
  });

  it.each([
    [null],
    ['<html>'],
    [{}],
    [{ error: 'invalid_grant' }],
    [{ detail: 'x' }],
    [{ code: 1, detail: 'x' }],
  ])('is no problem document when it is malformed, case %#', (body) => {
    expect(decodeProblem(body)).toBeUndefined();
  });
});
