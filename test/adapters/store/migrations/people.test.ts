import type { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS, migrate } from '../../../../src/adapters/store/migrations/migrations.ts';
import { SQLITE } from '../../../../src/adapters/store/sqlite/engine.ts';
import { preparePrivateFile } from '../../../../src/adapters/store/sqlite/files.ts';
import { openSqliteStore } from '../../../../src/adapters/store/sqlite/open.ts';
import { NO_OBLIGATIONS } from '../../../../src/core/decision.ts';
import { advance, buildEvent, buildReview } from '../../../../src/testing/store/rows.ts';
import { openBare } from '../../../support/store/database.ts';
import { makeFolder } from '../../../support/store/folder.ts';

const OLD_OBLIGATIONS = {
  approvals: 2,
  approverGroups: ['dba'],
  needsReason: true,
  minimumReasonLength: 10,
  needsTicket: false,
};

/** A store as the first program left it: one request that waits, one that was reviewed and claimed, and its grant. */
async function writeOldStore(path: string): Promise<void> {
  const { db, file } = openBare(await preparePrivateFile(path));
  await migrate(db, { engine: SQLITE, at: path, now: 1_000, migrations: MIGRATIONS.slice(0, 1) });
  writeOldRequest(file, { id: 'req_waiting', state: 'pending', version: 1, reviews: 0 });
  writeOldRequest(file, { id: 'req_claimed', state: 'claimed', version: 3, reviews: 1 });
  file.exec(`
    insert into reviews values ('req_claimed', 0, 'dev:anna', 'dev:lead', 'lead', 'approved', 'fine', 1500);
    insert into grants values ('gr_1', 'req_claimed', 'active', 2, '["prod:db.req_claimed"]', 'orders', 'dev:anna',
      'anna', 'digest', 'tok_1', 2000, 9000, 20000, null, null, null, 'handle', '{}');
    insert into audit_events values (1, 'ev_old', 'request.submitted', 1000, 'dev:anna', 'req_waiting', null, '{}');
    insert into work values ('lapse:req_waiting', 'lapse', 'req_waiting', null, null, 5000, null, 0, null);
  `);
  file.close();
}

type OldRequest = {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly reviews: number;
};

function writeOldRequest(file: DatabaseSync, { id, state, version, reviews }: OldRequest): void {
  const requester = JSON.stringify({ name: 'anna', kind: 'person', groups: ['engineers'] });
  const answer = JSON.stringify({
    outcome: 'needs_people',
    rule: 'writes',
    reasons: ['changes production'],
    advice: [],
    obligations: OLD_OBLIGATIONS,
    verdicts: [
      {
        scope: 'prod:db.write',
        outcome: 'needs_people',
        rules: ['writes'],
        reasons: [],
        advice: [],
        obligations: OLD_OBLIGATIONS,
      },
    ],
  });
  file
    .prepare(
      `insert into requests values (?, ?, ?, 'dev:anna', ?, ?, 'orders', 900, 'INC-4211', null, null, 0, 'digest',
         1000, 5000, null, 1, ?, null)`,
    )
    .run(id, state, version, requester, JSON.stringify([`prod:db.${id}`]), reviews);
  file.prepare(`insert into decisions values (?, 1, 'needs_people', ?, 'policy-1', '{}')`).run(id, answer);
}

describe('a store that the first program has filled', () => {
  it('is read with what was not known then as it must have been', async () => {
    await using place = await makeFolder();
    await writeOldStore(place.path);
    const { store, close } = await openSqliteStore({ path: place.path });
    const [waiting, claimed] = await Promise.all(
      ['req_waiting', 'req_claimed'].map((id) => store.readRequest(id)),
    );
    expect(waiting).toMatchObject({
      state: 'pending',
      requestedBy: { subject: 'dev:anna', name: 'anna', kind: 'person', person: 'dev:anna' },
      scopes: ['prod:db.req_waiting'],
      originally: { scopes: ['prod:db.req_waiting'], durationSeconds: 900 },
      origin: { ip: '0.0.0.0', login: { method: 'device', at: 1_000, strengths: [] } },
      escalatedAt: null,
      afterwards: null,
      reviews: [],
    });
    const obligations = { ...NO_OBLIGATIONS, ...OLD_OBLIGATIONS };
    expect(waiting?.decision?.obligations).toEqual(obligations);
    expect(waiting?.decision?.verdicts[0]?.obligations).toEqual(obligations);
    expect(claimed?.reviews).toEqual([
      {
        by: { subject: 'dev:lead', name: 'lead', person: 'dev:lead', groups: [] },
        outcome: 'approved',
        reason: 'fine',
        breadth: { scopes: ['prod:db.req_claimed'], durationSeconds: 900 },
        way: 'cli',
        at: 1_500,
      },
    ]);
    expect((await store.findLiveGrant('req_claimed'))?.id).toBe('gr_1');
    expect(await store.findNextWorkAt()).toBe(5_000);
    expect(await store.findPosition()).toBe(1);
    await close();
  });

  it('goes on under the new rules: what waited is reviewed, and not by who asked', async () => {
    await using place = await makeFolder();
    await writeOldStore(place.path);
    const { store, close } = await openSqliteStore({ path: place.path });
    const before = await store.readRequest('req_waiting');
    if (!before) throw new Error('the request was lost');
    const own = advance(before, { reviews: [buildReview(before, 'dev:anna')] });
    const event = buildEvent('request.approved');
    await expect(store.commit({ request: { before, after: own }, event })).rejects.toMatchObject({
      code: 'failed',
    });
    const after = advance(before, {
      state: 'approved' as const,
      claimBy: 9_000,
      reviews: [buildReview(before, 'dev:lead')],
    });
    expect(await store.commit({ request: { before, after }, event })).toBe('committed');
    expect(await store.readRequest('req_waiting')).toEqual(after);
    await close();
  });
});
