import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../../src/adapters/store/sqlite/open.ts';
import type { Grant } from '../../../../src/core/grant.ts';
import { storeGrant } from '../../../../src/testing/store/rows.ts';
import { makeFolder } from '../../../support/store/folder.ts';

/** The bare database of a store that holds one approved request of `sub-dev` with one grant. */
async function makeDatabase() {
  const place = await makeFolder();
  const { store, protocol, close } = await openSqliteStore({ path: place.path });
  const grant = await storeGrant(store);
  await protocol.put({
    kind: 'DeviceCode',
    id: 'the-device-code',
    payload: { scope: 'openid' },
    expiresAt: 1,
    userCode: 'BCDFGHJK',
  });
  await close();
  const file = new DatabaseSync(place.path, { enableForeignKeyConstraints: true });
  const asyncDispose = async (): Promise<void> => {
    file.close();
    await place[Symbol.asyncDispose]();
  };
  return { file, grant, [Symbol.asyncDispose]: asyncDispose };
}

type Reviewed = {
  readonly requestedBy: string;
  readonly requesterPerson: string;
  readonly reviewer: string;
  readonly reviewerPerson: string;
  readonly position?: number;
};

/** Writes an approval past the program; returns how many rows that made. */
function prepareReview({ file, grant }: { readonly file: DatabaseSync; readonly grant: Grant }) {
  const insert = file.prepare(
    `insert into reviews (request_id, position, requested_by, requester_person, reviewer, reviewer_person,
       reviewer_name, reviewer_groups, outcome, scopes, duration_seconds, way, at)
     values (?, ?, ?, ?, ?, ?, 'x', '[]', 'approved', '[]', 60, 'cli', 1)`,
  );
  return ({ requestedBy, requesterPerson, reviewer, reviewerPerson, position = 0 }: Reviewed) =>
    insert.run(grant.requestId, position, requestedBy, requesterPerson, reviewer, reviewerPerson).changes;
}

describe('the database itself', () => {
  it('S3: refuses a review by the requester, and one that lies about who asked', async () => {
    await using made = await makeDatabase();
    const review = prepareReview(made);
    const asked = { requestedBy: 'sub-dev', requesterPerson: 'human-dev' };
    const lead = { reviewer: 'sub-lead', reviewerPerson: 'human-lead' };
    expect(() => review({ ...asked, ...lead, reviewer: 'sub-dev' })).toThrow(/reviewer_is_not_requester/);
    expect(() => review({ ...asked, ...lead, reviewerPerson: 'human-dev' })).toThrow(
      /reviewer_is_another_person/,
    );
    expect(() => review({ ...asked, ...lead, requestedBy: 'sub-else' })).toThrow(/FOREIGN KEY/);
    expect(() => review({ ...asked, ...lead, requesterPerson: 'human-else' })).toThrow(/FOREIGN KEY/);
    expect(review({ ...asked, ...lead })).toBe(1);
  });

  it('APR-01: refuses a second review of one request by the same account, and by the same human', async () => {
    await using made = await makeDatabase();
    const review = prepareReview(made);
    const asked = { requestedBy: 'sub-dev', requesterPerson: 'human-dev' };
    review({ ...asked, reviewer: 'sub-lead', reviewerPerson: 'human-lead' });
    const again = { ...asked, position: 1 };
    expect(() => review({ ...again, reviewer: 'sub-lead', reviewerPerson: 'human-else' })).toThrow(
      /UNIQUE constraint failed: reviews.request_id, reviews.reviewer/,
    );
    expect(() => review({ ...again, reviewer: 'sub-alias', reviewerPerson: 'human-lead' })).toThrow(
      /UNIQUE constraint failed: reviews.request_id, reviews.reviewer_person/,
    );
    expect(review({ ...again, reviewer: 'sub-else', reviewerPerson: 'human-else' })).toBe(1);
  });

  it('S3: refuses a later review by the requester, a second one, and one that is due of anything but break-glass', async () => {
    await using made = await makeDatabase();
    const later = (reviewer: string, reviewerPerson: string) =>
      made.file
        .prepare(
          `insert into later_reviews (request_id, requested_by, requester_person, reviewer, reviewer_person,
             reviewer_name, reviewer_groups, outcome, reason, way, at)
           values (?, 'sub-dev', 'human-dev', ?, ?, 'x', '[]', 'accepted', 'y', 'cli', 1)`,
        )
        .run(made.grant.requestId, reviewer, reviewerPerson).changes;
    expect(() => later('sub-dev', 'human-lead')).toThrow(/reviewer_is_not_requester/);
    expect(() => later('sub-lead', 'human-dev')).toThrow(/reviewer_is_another_person/);
    expect(later('sub-lead', 'human-lead')).toBe(1);
    expect(() => later('sub-else', 'human-else')).toThrow(/UNIQUE/);
    expect(() => made.file.exec('update requests set review_due_at = 5')).toThrow(/CHECK/);
  });

  it('I2: refuses a second grant of one request that is not ended, and a token id used twice', async () => {
    await using made = await makeDatabase();
    const copy = (id: string, tokenId: string, state: string) =>
      made.file
        .prepare(
          `insert into grants select ?, request_id, ?, version, scopes, target, held_by, holder_name, digest, ?,
             claimed_at, expires_at, latest_end_at, last_used_at, ended_at, ended_because, handle, revocation, idle_seconds
           from grants where id = ?`,
        )
        .run(id, state, tokenId, made.grant.id);
    expect(() => copy('gr_b', 'token-b', 'active')).toThrow(/UNIQUE constraint failed: grants.request_id/);
    expect(() => copy('gr_b', made.grant.tokenId, 'ended')).toThrow(
      /UNIQUE constraint failed: grants.token_id/,
    );
    expect(copy('gr_b', 'token-b', 'ended').changes).toBe(1);
  });

  it('refuses a state that does not exist and an end past the latest', async () => {
    await using made = await makeDatabase();
    expect(() => made.file.exec(`update requests set state = 'granted'`)).toThrow(/CHECK/);
    expect(() => made.file.exec(`update grants set state = 'live'`)).toThrow(/CHECK/);
    expect(() => made.file.exec('update grants set expires_at = latest_end_at + 1')).toThrow(/CHECK/);
  });

  it('DEV-11: holds no device code and no user code, only their hashes', async () => {
    await using made = await makeDatabase();
    const rows = made.file.prepare('select * from protocol_entries').all();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/the-device-code|BCDFGHJK/);
    expect(rows[0]?.id_hash).toBe('V2IZsVgOwIoP1sUOoeaSmoyMjDqKXLDY7xHGVBXh44c');
  });
});
