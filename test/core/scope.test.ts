import { describe, expect, it } from 'vitest';
import { type Catalogue, findSharedTargets, requireScope, requireTarget } from '../../src/core/catalogue.ts';
import { findNearest, isScope, isTargetName } from '../../src/core/scope.ts';

describe('a scope', () => {
  it.each(['prod:db.read', 'staging-2:orders_db.read-only', 'p:d.r'])('may be %s', (text) => {
    expect(isScope(text)).toBe(true);
  });

  it.each([
    '',
    'prod',
    'prod:db',
    'prod:*.read',
    '*',
    'prod:db.*',
    'PROD:db.read',
    'prod:db.read ',
    'prod:db.read\n',
    'prod:db.read prod:db.write',
    'prod:db.read.more',
    ':db.read',
    'prod:-db.read',
    'prod:db.réad',
    `${'x'.repeat(33)}:db.read`,
  ])('may not be %j', (text) => {
    expect(isScope(text)).toBe(false);
  });
});

describe('a target', () => {
  it('is one short word', () => {
    expect(isTargetName('orders-api')).toBe(true);
    for (const text of ['', 'Orders', 'a b', '../etc', 'orders\n', 'x'.repeat(64)])
      expect(isTargetName(text)).toBe(false);
  });
});

describe('the nearest name', () => {
  const known = ['prod:db.read', 'prod:db.write', 'staging:db.read'];

  it.each([
    ['prod:db.raed', 'prod:db.read'],
    ['prod:db.writ', 'prod:db.write'],
    ['prd:db.read', 'prod:db.read'],
    ['prod:db.read', 'prod:db.read'],
  ])('for %s is %s', (text, nearest) => {
    expect(findNearest(text, known)).toBe(nearest);
  });

  it('is none when nothing is close, nothing is known, or the text is absurdly long', () => {
    expect(findNearest('kubernetes', known)).toBeUndefined();
    expect(findNearest('prod:db.read', [])).toBeUndefined();
    expect(findNearest('x'.repeat(100_000), known)).toBeUndefined();
  });
});

describe('the catalogue', () => {
  const scope = (name: string, targets: readonly string[]) => ({
    name,
    targets,
    description: name,
    sensitivity: 'low' as const,
    defaultSeconds: 60,
    maxSeconds: 600,
  });
  const catalogue: Catalogue = {
    scopes: [
      scope('prod:db.read', ['orders', 'billing']),
      scope('prod:db.write', ['billing', 'orders', 'users']),
    ],
    targets: [{ name: 'orders', kind: 'postgres', audience: 'https://orders.example.com' }],
  };

  it('gives what it has and suggests the nearest for what it has not', () => {
    expect(requireScope(catalogue, 'prod:db.read').name).toBe('prod:db.read');
    expect(requireTarget(catalogue, 'orders').kind).toBe('postgres');
    expect(() => requireScope(catalogue, 'prod:db.raed')).toThrow(
      expect.objectContaining({ code: 'unknown_scope', hint: expect.stringContaining('prod:db.read') }),
    );
    expect(() => requireTarget(catalogue, 'order')).toThrow(
      expect.objectContaining({ code: 'unknown_target', hint: 'did you mean orders?' }),
    );
  });

  it('finds the targets that all of several scopes cover', () => {
    expect(findSharedTargets(catalogue.scopes)).toEqual(['orders', 'billing']);
    expect(findSharedTargets([])).toEqual([]);
    expect(findSharedTargets([scope('a:b.c', ['x']), scope('a:b.d', ['y'])])).toEqual([]);
  });
});
