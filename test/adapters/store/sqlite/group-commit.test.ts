import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../../src/adapters/store/schema.ts';
import { createGroupCommit } from '../../../../src/adapters/store/sqlite/group-commit.ts';
import { openBare } from '../../../support/store/database.ts';

async function openGroup() {
  const { file, db } = openBare();
  await sql`create table items (name text primary key, body text)`.execute(db);
  return { file, db, ...createGroupCommit(db) };
}

function insert(name: string, body = '') {
  return (writer: Database) => sql`insert into items values (${name}, ${body})`.execute(writer);
}

async function namesIn(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from items order by name`.execute(db);
  return rows.map((row) => row.name);
}

describe('a group commit', () => {
  it('undoes wholly what fails half-way, and keeps what came before and after it', async () => {
    const { db, write } = await openGroup();
    const outcomes = await Promise.allSettled([
      write(insert('a')),
      write(async (writer) => {
        await insert('b')(writer);
        await insert('a')(writer);
      }),
      write(insert('c')),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await namesIn(db)).toEqual(['a', 'c']);
  });

  it('is one transaction for all that come at the same moment', async () => {
    const { db, write } = await openGroup();
    const begun: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        write(async (writer) => {
          begun.push(`${name} after ${(await namesIn(writer)).join('')}`);
          await insert(name)(writer);
        }),
      ),
    );
    expect(begun).toEqual(['a after ', 'b after a', 'c after ab']);
    expect(await namesIn(db)).toEqual(['a', 'b', 'c']);
  });

  it('waits for the disk unless all of it may be lost with the machine', async () => {
    const { file, write } = await openGroup();
    file.exec('pragma synchronous = full');
    const readMode = async (writer: Database) => {
      const { rows } = await sql<{ synchronous: number }>`pragma synchronous`.execute(writer);
      return rows[0]?.synchronous;
    };
    const [full, normal] = [2, 1];
    expect(await write(readMode)).toBe(full);
    expect(await write(readMode, { isBrief: true })).toBe(normal);
    expect(await Promise.all([write(readMode, { isBrief: true }), write(readMode)])).toEqual([full, full]);
    await expect(write(() => Promise.reject(new Error('no')), { isBrief: true })).rejects.toThrow('no');
    expect(file.prepare('pragma synchronous').get()).toEqual({ synchronous: full });
  });

  it('is seen by a reader in between as not begun or as done', async () => {
    const { db, write } = await openGroup();
    const seen: Promise<readonly string[]>[] = [];
    const writing = write(async (writer) => {
      await insert('a')(writer);
      seen.push(namesIn(db));
      await new Promise((resolve) => setImmediate(resolve));
      await insert('b')(writer);
    });
    seen.push(namesIn(db));
    await writing;
    expect(await Promise.all(seen)).toEqual([[], ['a', 'b']]);
  });

  it('tells nobody a success when the disk is full, and goes on when there is room again', async () => {
    const { file, db, write } = await openGroup();
    file.exec('pragma max_page_count = 8');
    const outcomes = await Promise.allSettled([write(insert('a')), write(insert('b', 'x'.repeat(100_000)))]);
    expect(outcomes.map((outcome) => outcome.status)).toContain('rejected');
    const kept = ['a', 'b'].filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(await namesIn(db)).toEqual(kept);
    file.exec('pragma max_page_count = 4096');
    await write(insert('c'));
    expect(await namesIn(db)).toEqual([...kept, 'c']);
  });

  it('is drained when everything that was asked for is written', async () => {
    const { file, write, drain } = await openGroup();
    const writing = Array.from({ length: 300 }, (_, index) => write(insert(`item ${index}`)));
    await drain();
    expect(file.prepare('select count(*) as items from items').get()).toEqual({ items: 300 });
    await Promise.all(writing);
    await drain();
  });
});
