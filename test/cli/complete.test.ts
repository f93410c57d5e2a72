import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { ScopeView } from '../../src/core/view.ts';
import { createTestWorld } from '../support/fakes/cli-world.ts';

const SCOPE: ScopeView = {
  name: 'prod:db.read',
  description: '',
  sensitivity: 'medium',
  defaultSeconds: 60,
  maxSeconds: 60,
  targets: [],
  minimumReasonLength: 0,
  needsTicket: false,
};

/** What a shell is offered on a machine that remembers these names. */
async function complete(names: readonly string[], words: readonly string[]): Promise<readonly string[]> {
  const world = createTestWorld();
  const targets = names.map((name) => ({ name, kind: 'token', outcome: 'denied', canApprove: [] }) as const);
  const scopes = names.map((name) => ({ ...SCOPE, name, targets }));
  const known = { name: 'dev', asOf: 0, scopes, inbox: names };
  await world.state.update((state) => ({ ...state, servers: { 'https://jit.example.com': known } }));
  await runProgram(['__complete', '--', ...words], world);
  return world.terminal.printed.split('\n').filter(Boolean);
}

const PLACES = [
  ['request', ''],
  ['request', '--on', ''],
  ['approve', ''],
];

describe('completion', () => {
  it.each(PLACES)('of jit %s %s offers what a shell takes for a word', async (...words) => {
    expect(await complete(['prod:db.read', 'orders-api', 'req_01'], words)).toEqual([
      'prod:db.read',
      'orders-api',
      'req_01',
    ]);
  });

  it.each([
    '$(touch x)',
    '`id`',
    'a;id',
    'a|id',
    'a&id',
    'a>x',
    'a<x',
    "a'b",
    'a"b',
    'a\\b',
    'a b',
    '~root',
    'a*',
    'a?',
    'a[b]',
    '{a,b}',
    '!!',
    '#a',
    'a\nb',
    'é',
  ])('offers no name that would be more than a word: %j', async (name) => {
    for (const words of PLACES) expect(await complete([name, 'orders'], words)).toEqual(['orders']);
  });

  it('offers the server that one logs in at', async () => {
    expect(await complete([], ['login', ''])).toEqual(['https://jit.example.com']);
  });
});
