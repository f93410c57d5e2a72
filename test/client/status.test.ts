import { describe, expect, it } from 'vitest';
import { keep, listHeld } from '../../src/client/held.ts';
import { remember } from '../../src/client/request.ts';
import { listScopes, readOfflineStatus, readStatus } from '../../src/client/status.ts';
import { fail } from '../../src/core/errors.ts';
import type { ScopeView } from '../../src/core/view.ts';
import { createTestParts, NOW } from '../support/fakes/client-parts.ts';
import {
  buildClaimed,
  buildEndedGrant,
  buildGrantView,
  buildRequestView,
  buildStatus,
  MINUTE_MS,
} from '../support/fakes/fake-backend.ts';

const pending = buildRequestView({ id: 'req_2', state: 'pending', grantId: null });
const full = fail('failed', { why: 'held.json was not written (ENOSPC)' });

describe('the status', () => {
  it('is what the server says, and is remembered', async () => {
    const status = buildStatus({ requests: [pending], grants: [buildGrantView()] });
    const parts = createTestParts({ backend: { readStatus: async () => status } });
    expect(await readStatus(parts)).toEqual({ ...status, isCurrent: true });
    expect(await readOfflineStatus(parts)).toMatchObject({
      requests: [pending],
      asOf: NOW,
      isCurrent: false,
    });
  });

  it('is asked for 2 s', async () => {
    let asked: unknown;
    const readStatus2 = async (options: unknown) => {
      asked = options;
      return buildStatus();
    };
    await readStatus(createTestParts({ backend: { readStatus: readStatus2 } }));
    expect(asked).toEqual({ timeoutMs: 2_000 });
  });

  it('is what is remembered where the server is away, without what is over by now', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    await remember(parts, pending);
    expect(await readStatus(parts)).toMatchObject({
      isCurrent: false,
      requests: [{ id: 'req_2' }],
      grants: [{ id: 'gr_1' }],
    });
    await parts.clock.advance(30 * MINUTE_MS);
    expect(await readStatus(parts)).toMatchObject({ requests: [{ id: 'req_2' }], grants: [] });
    await parts.clock.advance(30 * MINUTE_MS);
    expect(await readStatus(parts)).toMatchObject({ requests: [], grants: [] });
  });

  it('is as old as the latest that was heard, also where the status itself was never asked for', async () => {
    const parts = createTestParts();
    await listScopes({ ...parts, backend: { ...parts.backend, listScopes: async () => [] } });
    const claimedAt = NOW - 2 * MINUTE_MS;
    await keep(parts, buildClaimed({ grant: buildGrantView({ claimedAt }) }));
    expect((await readOfflineStatus(parts)).asOf).toBe(claimedAt);
  });

  it('removes the copy of a grant that was taken away elsewhere', async () => {
    const parts = createTestParts({ backend: { readStatus: async () => buildStatus({ asOf: NOW + 1 }) } });
    await keep(parts, buildClaimed());
    await readStatus(parts);
    expect(parts.secrets()).toEqual({});
    expect(await listHeld(parts)).toEqual([]);
  });

  it.each([
    ['because nobody used it', { idleSeconds: 60, endedBecause: 'idle' }, 1],
    ['because somebody took it', { endedBecause: 'revoked', endedBy: 'lead' }, 1],
    ['because it was given back, which is no news', { endedBecause: 'done' }, 0],
  ] as const)('says once that a grant has ended %s', async (_why, how, times) => {
    const ended = buildEndedGrant(how);
    const parts = createTestParts({
      backend: { readStatus: async () => buildStatus({ asOf: NOW + 1 }), readGrant: async () => ended },
    });
    await keep(parts, buildClaimed());
    expect((await readStatus(parts)).ended ?? []).toEqual([ended].slice(0, times));
    expect(await readStatus(parts)).not.toHaveProperty('ended');
    expect(parts.backend.calls.filter((call) => call.startsWith('readGrant'))).toHaveLength(1);
  });

  it('removes the copy of a grant whose revocation is not finished: its token is dead', async () => {
    const revoking = buildEndedGrant({ state: 'revoking' });
    const status = buildStatus({ asOf: NOW + 1, grants: [revoking] });
    const parts = createTestParts({ backend: { readStatus: async () => status } });
    await keep(parts, buildClaimed());
    expect((await readStatus(parts)).grants).toEqual([revoking]);
    expect(parts.secrets()).toEqual({});
  });

  it('tells apart what it removes of somebody else: that may be live', async () => {
    const parts = createTestParts({ backend: { readStatus: async () => buildStatus({ asOf: NOW + 1 }) } });
    await parts.state.update((state) => ({
      ...state,
      servers: { [parts.server]: { name: 'eva', asOf: NOW, scopes: [] } },
    }));
    await keep(parts, buildClaimed());
    await keep(parts, buildClaimed({ grant: buildGrantView({ id: 'gr_2', heldBy: 'eva' }) }));
    expect((await readStatus(parts)).left).toMatchObject([{ id: 'gr_1', heldBy: 'dev' }]);
    expect(parts.secrets()).toEqual({});
  });

  it('keeps what was claimed after the server looked', async () => {
    const parts = createTestParts({ backend: { readStatus: async () => buildStatus({ asOf: NOW - 1 }) } });
    await keep(parts, buildClaimed());
    await readStatus(parts);
    expect(Object.keys(parts.secrets())).toHaveLength(1);
  });

  it('is shown also where it cannot be remembered', async () => {
    const parts = createTestParts({
      backend: { readStatus: async () => buildStatus({ requests: [pending] }) },
    });
    const state = { ...parts.state, update: () => Promise.reject(full) };
    expect((await readStatus({ ...parts, state })).requests).toEqual([pending]);
  });

  it('of one server leaves what is known of others', async () => {
    const parts = createTestParts({ backend: { readStatus: async () => buildStatus() } });
    await remember({ ...parts, server: 'https://other.example.com' }, pending);
    await readStatus(parts);
    expect((await parts.held()).requests).toHaveLength(1);
  });
});

describe('the catalogue', () => {
  it('is remembered for completion', async () => {
    const scope: ScopeView = {
      name: 'prod:db.read',
      description: 'Read production data',
      sensitivity: 'medium',
      defaultSeconds: 1_800,
      maxSeconds: 14_400,
      targets: [{ name: 'orders', kind: 'postgres', outcome: 'automatic', canApprove: [] }],
      minimumReasonLength: 10,
      needsTicket: false,
    };
    const parts = createTestParts({ backend: { listScopes: async () => [scope] } });
    expect(await listScopes(parts)).toEqual([scope]);
    expect((await parts.held()).servers[parts.server]?.scopes).toEqual([scope]);
  });
});
