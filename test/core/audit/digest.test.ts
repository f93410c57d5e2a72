import { describe, expect, it } from 'vitest';
import { canonicalJson, digestAsked, digestValue } from '../../../src/core/audit/digest.ts';
import { sampleAsked } from '../../support/core-samples.ts';

describe('the canonical form', () => {
  it('is one text for one value, whatever the order of keys', () => {
    expect(canonicalJson({ b: 1, a: { d: [1, { y: 2, x: 1 }], c: null } })).toBe(
      '{"a":{"c":null,"d":[1,{"x":1,"y":2}]},"b":1}',
    );
    expect(canonicalJson({ a: 1, b: undefined })).toBe(canonicalJson({ a: 1 }));
  });

  it('keeps what differs apart', () => {
    const values = [
      1,
      '1',
      null,
      'null',
      [],
      {},
      [1, 2],
      [2, 1],
      ['a,b'],
      ['a', 'b'],
      { a: 1 },
      { a: '1' },
      'é',
      'e\u0301',
    ];
    expect(new Set(values.map(digestValue)).size).toBe(values.length);
  });

  it('is SHA-256 in base64url', () => {
    expect(digestValue({})).toBe('RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o');
  });
});

describe('APR-03: the digest over what was asked', () => {
  const digest = digestAsked(sampleAsked, 'u1');

  it('does not depend on the order of scopes', () => {
    expect(digestAsked({ ...sampleAsked, scopes: sampleAsked.scopes.toReversed() }, 'u1')).toBe(digest);
  });

  it.each([
    ['scopes', { scopes: ['prod:db.read'] }],
    ['target', { target: 'billing' }],
    ['durationSeconds', { durationSeconds: 1801 }],
    ['reason', { reason: 'INC-4211 slow checkout ' }],
    ['ticket', { ticket: 'INC-4211' }],
    ['extendsGrantId', { extendsGrantId: 'gr_1' }],
    ['breakGlass', { breakGlass: true }],
  ])('changes with %s', (_, change) => {
    expect(digestAsked({ ...sampleAsked, ...change }, 'u1')).not.toBe(digest);
  });

  it('changes with who asks, and covers every field', () => {
    expect(digestAsked(sampleAsked, 'u2')).not.toBe(digest);
    expect(Object.keys(sampleAsked)).toHaveLength(7);
  });
});
