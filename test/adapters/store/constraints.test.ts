import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/adapters/store/open-sqlite.ts';
import { storeGrant } from '../../../src/testing/store/rows.ts';
import { makeFolder } from './support/folder.ts';

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

describe('the database itself', () => {
  it('S3: refuses a review by the requester, and one that lies about who asked', async () => {
    await using made = await makeDatabase();
    const review = made.file.prepare(
      `insert into reviews (request_id, position, requested_by, reviewer, reviewer_name, outcome, at)
       values (?, 0, ?, ?, 'x', 'approved', 1)`,
    );
    const { requestId } = made.grant;
    expect(() => review.run(requestId, 'sub-dev', 'sub-dev')).toThrow(/reviewer_is_not_requester/);
    expect(() => review.run(requestId, 'sub-else', 'sub-dev')).toThrow(/FOREIGN KEY/);
    expect(review.run(requestId, 'sub-dev', 'sub-lead').changes).toBe(1);
  });

  it('I2: refuses a second grant of one request that is not ended, and a token id used twice', async () => {
    await using made = await makeDatabase();
    const copy = (id: string, tokenId: string, state: string) =>
      made.file
        .prepare(
          `insert into grants select ?, request_id, ?, version, scopes, target, held_by, holder_name, digest, ?,
             claimed_at, expires_at, latest_end_at, last_used_at, ended_at, ended_because, handle, revocation
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
