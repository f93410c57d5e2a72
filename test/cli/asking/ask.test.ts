import { describe, expect, it } from 'vitest';
import { type AskedFlags, completeAsked } from '../../../src/cli/asking/ask.ts';
import type { Asked } from '../../../src/core/request.ts';
import type { ScopeView } from '../../../src/core/view.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import type { Answer } from '../../support/fakes/test-terminal.ts';
import { CTRL_C } from '../../support/fakes/test-terminal.ts';

const read: ScopeView = {
  name: 'prod:db.read',
  description: 'Read production data',
  sensitivity: 'medium',
  defaultSeconds: 1_800,
  maxSeconds: 14_400,
  targets: [{ name: 'orders', kind: 'postgres', outcome: 'automatic', canApprove: [] }],
  minimumReasonLength: 10,
  needsTicket: false,
};
const api: ScopeView = {
  ...read,
  name: 'prod:api.read',
  targets: [
    { name: 'orders-api', kind: 'token', outcome: 'automatic', canApprove: [] },
    { name: 'billing-api', kind: 'token', outcome: 'needs_people', canApprove: [] },
  ],
  minimumReasonLength: 0,
};
const write: ScopeView = {
  ...read,
  name: 'prod:db.write',
  maxSeconds: 3_600,
  defaultSeconds: 900,
  targets: [{ name: 'orders', kind: 'postgres', outcome: 'needs_people', canApprove: [] }],
  needsTicket: true,
};
const catalogue = [read, api, write];
const REASON = 'INC-4211 slow checkout';

type Asking = { readonly world: TestWorld; readonly asked: Promise<Asked> };

function ask(flags: Partial<AskedFlags>, answers?: readonly Answer[]): Asking {
  const world = createTestWorld(answers ? { interactive: true, answers } : {});
  return { world, asked: completeAsked(world, { scopes: [], ...flags }, catalogue) };
}

describe('without a terminal', () => {
  it('the only target and the usual time are chosen', async () => {
    const { asked } = ask({ scopes: ['prod:db.read'], reason: REASON });
    expect(await asked).toMatchObject({ target: 'orders', durationSeconds: 1_800, ticket: null });
  });

  it('a reason that nobody wants may be missing', async () => {
    const { asked } = ask({ scopes: ['prod:api.read'], on: 'orders-api' });
    expect(await asked).toMatchObject({ reason: '' });
  });

  it.each<[Partial<AskedFlags>, string]>([
    [{}, 'jit request prod:db.read'],
    [{ scopeFlag: '--scope' }, 'add --scope prod:db.read'],
    [{ scopes: ['prod:api.read'] }, '--on orders-api|billing-api'],
    [{ scopes: ['prod:db.read'] }, '--reason'],
    [{ scopes: ['prod:db.write'], reason: REASON }, '--ticket'],
  ])('what is missing in %j is named by its flag', async (flags, flag) => {
    await expect(ask(flags).asked).rejects.toMatchObject({
      code: 'missing_answer',
      hint: expect.stringContaining(flag),
    });
  });

  it('scopes of different systems cannot be asked for together', async () => {
    const { asked } = ask({ scopes: ['prod:db.read', 'prod:api.read'], reason: REASON });
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('share no target') });
  });

  it('several scopes get the shortest of their usual times', async () => {
    const { asked } = ask({ scopes: ['prod:db.read', 'prod:db.write'], reason: REASON, ticket: 'INC-1' });
    expect(await asked).toMatchObject({ durationSeconds: 900, ticket: 'INC-1' });
  });
});

describe('on a terminal', () => {
  it('asks for everything, in the order in which a person thinks of it', async () => {
    const { world, asked } = ask({}, ['prod:api.read', 'billing-api', '45m', REASON]);
    expect(await asked).toEqual({
      scopes: ['prod:api.read'],
      target: 'billing-api',
      durationSeconds: 2_700,
      reason: REASON,
      ticket: null,
      extendsGrantId: null,
      breakGlass: false,
    });
    expect(world.terminal.asked).toEqual(['Scope', 'Target', 'How long (at most 4 h)', 'Reason']);
  });

  it.each<[Partial<AskedFlags>, object]>([
    [{ on: 'oders' }, { code: 'unknown_target', hint: 'did you mean orders?' }],
    [{ on: 'orders-api' }, { code: 'wrong_target' }],
    [{ for: '2h', on: 'orders' }, { code: 'duration_too_long' }],
    [{ for: '30' }, { code: 'bad_duration' }],
  ])('asks nothing before what was typed is right: %j', async (flags, error) => {
    const { world, asked } = ask({ scopes: ['prod:db.write'], ...flags }, []);
    await expect(asked).rejects.toMatchObject({ ...error, exitCode: 2 });
    expect(world.terminal.asked).toEqual([]);
  });

  it('asks for nothing that was said or has one answer', async () => {
    const { world, asked } = ask({ scopes: ['prod:db.read'], for: '30m' }, [REASON]);
    await asked;
    expect(world.terminal.asked).toEqual(['Reason (at least 10 characters)']);
  });

  it('complains until the answers will do', async () => {
    const { world, asked } = ask({ scopes: ['prod:db.write'] }, [
      'soon',
      '2h',
      '30',
      '1h',
      'short',
      REASON,
      ' ',
      'INC-1',
    ]);
    expect(await asked).toMatchObject({ durationSeconds: 3_600, reason: REASON, ticket: 'INC-1' });
    expect(world.terminal.told).toEqual([
      expect.stringContaining('"soon" is not a duration'),
      'that is over 1 h',
      expect.stringContaining('"30" has no unit'),
      'at least 10 characters, please: 5 more',
      'policy wants a ticket here',
    ]);
  });

  it('offers no scope that policy would deny everywhere, and says so where that is all of them', async () => {
    const world = createTestWorld({ interactive: true });
    const denied = [
      {
        ...read,
        targets: [{ name: 'orders', kind: 'postgres', outcome: 'denied' as const, canApprove: [] }],
      },
    ];
    await expect(completeAsked(world, { scopes: [] }, denied)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is left with Ctrl-C', async () => {
    await expect(ask({}, ['prod:db.read', CTRL_C]).asked).rejects.toMatchObject({ code: 'interrupted' });
  });
});
