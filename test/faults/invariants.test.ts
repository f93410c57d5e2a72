import { describe, expect, it } from 'vitest';
import type { Grant } from '../../src/core/grant.ts';
import type { AccessRequest } from '../../src/core/request.ts';
import { buildEvent } from '../../src/testing/store/rows.ts';
import { dev, openTestBroker } from '../support/broker.ts';
import { findViolations } from '../support/faults/invariants.ts';

/** What the checker says of a granted request, after one thing in it was falsified. */
async function judge(change: {
  readonly grant?: (grant: Grant) => readonly Grant[];
  readonly request?: (request: AccessRequest) => AccessRequest;
  readonly laterMs?: number;
  readonly event?: Parameters<typeof buildEvent>[0];
  readonly live?: string;
}): Promise<readonly string[]> {
  const broker = await openTestBroker();
  const { request, grant } = await broker.claim(dev, (await broker.ask()).id);
  const { store, connectors, clock, target } = broker;
  if (change.event)
    await store.commit({ event: buildEvent(change.event, { requestId: request.id, grantId: grant.id }) });
  if (change.live) target.live.set(change.live, { password: 'x', expiresAt: 0 });
  const found = await findViolations({
    store: {
      ...store,
      listGrants: async () => change.grant?.(grant) ?? [grant],
      listRequests: async () => [change.request?.(request) ?? request],
    },
    connectors,
    now: clock.now() + (change.laterMs ?? 0),
  });
  await store.close();
  return found.map((line) => line.replaceAll(grant.id, 'gr').replaceAll(request.id, 'req'));
}

const ended = { state: 'ended', endedAt: 1, endedBecause: 'done' } as const;

describe('the checker of the invariants', () => {
  it('finds nothing where all is well', async () => {
    expect(await judge({})).toEqual([]);
  });

  it('I1: finds what is live without a grant, and an end that nobody confirmed', async () => {
    expect(await judge({ live: 'stray' })).toEqual(['I1: stray at orders is live and no grant is']);
    expect(await judge({ grant: (grant) => [{ ...grant, ...ended }] })).toEqual(
      expect.arrayContaining([
        'I1: role_gr at orders is live and no grant is',
        'I1: gr is ended and not confirmed',
      ]),
    );
  });

  it('I2: finds a second grant, a shared credential and a second decision', async () => {
    expect(await judge({ grant: (grant) => [grant, grant] })).toEqual([
      'I2: req has more than one grant that is not ended',
      'I2: role_gr at orders belongs to two grants',
    ]);
    expect(await judge({ event: 'request.cancelled' })).toContain('I2: req went from claimed to cancelled');
    expect(await judge({ event: 'grant.ended' })).toContain('I2: gr went from active to ended');
  });

  it('I3: finds a grant that outlives its end by more than 5 s', async () => {
    expect(await judge({ laterMs: 605_000 })).toEqual([]);
    expect(await judge({ laterMs: 605_001 })).toEqual(['I3: gr outlives its end']);
  });

  it('I4: finds a row that no event tells of, an event too many, and an event of nothing', async () => {
    expect(await judge({ grant: (grant) => [{ ...grant, version: 3 }] })).toEqual([
      'I4: gr is at version 3 after 2 events',
    ]);
    expect(await judge({ request: (request) => ({ ...request, state: 'lapsed' }) })).toEqual([
      'I4: req is lapsed, its events say claimed',
    ]);
    expect(await judge({ event: 'grant.redelivered' })).toEqual(['I4: gr is at version 2 after 3 events']);
    expect(await judge({ grant: () => [] })).toContain('I4: there is an event of gr and no row');
  });
});
