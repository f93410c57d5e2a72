import type { Insertable, Selectable } from 'kysely';
import type { ChannelLink, KnownPerson, Leaving, PeopleStore } from '../../core/ports/people-store.ts';
import type { Principal } from '../../core/principal.ts';
import type { Access } from './access.ts';
import type { Database, PersonTable } from './schema.ts';
import { atMost, findRow } from './statements/reuse.ts';

/** The `PeopleStore` over tables that are there already. */
export function createPeopleStore(access: Access): PeopleStore {
  const { db } = access;
  return {
    put: (person) => put(access, person),
    find: async (subject) => {
      const row = await findRow(db, { name: 'person', parameters: [subject] }, () =>
        selectPeople(db).where('subject', '=', subject),
      );
      return row && readPersonRow(row);
    },
    list: async () => {
      const rows = await selectHere(db).orderBy('name').orderBy('subject').execute();
      return rows.map(readPersonRow);
    },
    listStale: (stale) => listStale(db, stale),
    markLeft: (subject, at) => markLeft(access, { subject, at }),
    listLeaving: () => listLeaving(db),
    endLeaving: (leaving) => endLeaving(access, leaving),
    link: (link) => linkPerson(access, link),
    findLinked: (channel, externalId) => findLinked(db, { channel, externalId }),
    unlink: (subject) => unlink(access, subject),
  };
}

// An answer of the provider that was on its way for long overwrites no newer one, and brings nobody back.
async function put(access: Access, person: KnownPerson): Promise<void> {
  const { subject, ...rest } = buildPersonRow(person);
  await access.writeOne((writer) =>
    writer
      .insertInto('people')
      .values({ subject, ...rest })
      .onConflict((conflict) =>
        conflict
          .column('subject')
          .doUpdateSet(rest)
          .where('people.refreshed_at', '<=', person.refreshedAt)
          .where('people.leaving_at', 'is', null)
          .where((is) =>
            is.or([is('people.left_at', 'is', null), is('people.left_at', '<', person.refreshedAt)]),
          ),
      )
      .execute(),
  );
}

async function listStale(
  db: Database,
  { before, after, limit }: Parameters<PeopleStore['listStale']>[0],
): Promise<readonly KnownPerson[]> {
  const { refreshedAt = Number.MIN_SAFE_INTEGER, subject = '' } = after ?? {};
  const rows = await selectHere(db)
    .where('renewal', 'is not', null)
    .where('refreshed_at', '<', before)
    .where('refreshed_at', '>=', refreshedAt)
    .where((is) => is.or([is('refreshed_at', '>', refreshedAt), is('subject', '>', subject)]))
    .orderBy('refreshed_at')
    .orderBy('subject')
    .limit(atMost(limit))
    .execute();
  return rows.map(readPersonRow);
}

async function markLeft(
  access: Access,
  { subject, at }: { readonly subject: string; readonly at: number },
): Promise<boolean> {
  const result = await access.writeOne((writer) =>
    writer
      .updateTable('people')
      .set({ left_at: at, leaving_at: at, renewal: null })
      .where('subject', '=', subject)
      .where('left_at', 'is', null)
      .executeTakeFirst(),
  );
  return result.numUpdatedRows === 1n;
}

async function listLeaving(db: Database): Promise<readonly Leaving[]> {
  const rows = await db
    .selectFrom('people')
    .select(['subject', 'leaving_at'])
    .where('leaving_at', 'is not', null)
    .orderBy('leaving_at')
    .orderBy('subject')
    .execute();
  return rows.flatMap(({ subject, leaving_at }) =>
    leaving_at === null ? [] : [{ subject, leftAt: leaving_at }],
  );
}

async function endLeaving(access: Access, { subject, leftAt }: Leaving): Promise<void> {
  await access.writeOne((writer) =>
    writer
      .updateTable('people')
      .set({ leaving_at: null })
      .where('subject', '=', subject)
      .where('leaving_at', '=', leftAt)
      .execute(),
  );
}

async function linkPerson(access: Access, link: ChannelLink): Promise<void> {
  const meant = { subject: link.subject, linked_at: link.linkedAt };
  await access.writeOne((writer) =>
    writer
      .insertInto('channel_links')
      .values({ channel: link.channel, external_id: link.externalId, ...meant })
      .onConflict((conflict) => conflict.columns(['channel', 'external_id']).doUpdateSet(meant))
      .execute(),
  );
}

async function findLinked(
  db: Database,
  { channel, externalId }: Pick<ChannelLink, 'channel' | 'externalId'>,
): Promise<ChannelLink | undefined> {
  const row = await db
    .selectFrom('channel_links')
    .selectAll()
    .where('channel', '=', channel)
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  return row && { channel, externalId, subject: row.subject, linkedAt: row.linked_at };
}

async function unlink(access: Access, subject: string): Promise<number> {
  const result = await access.writeOne((writer) =>
    writer.deleteFrom('channel_links').where('subject', '=', subject).executeTakeFirst(),
  );
  return Number(result.numDeletedRows);
}

function selectPeople(db: Database) {
  return db.selectFrom('people').selectAll();
}

function selectHere(db: Database) {
  return selectPeople(db).where('left_at', 'is', null);
}

function buildPersonRow(person: KnownPerson): Insertable<PersonTable> {
  return {
    subject: person.subject,
    name: person.name,
    kind: person.kind,
    person: person.person,
    member_of: JSON.stringify(person.groups),
    refreshed_at: person.refreshedAt,
    left_at: person.leftAt,
    renewal: person.leftAt === null ? person.renewal : null,
  };
}

function readPersonRow(row: Selectable<PersonTable>): KnownPerson {
  return {
    subject: row.subject,
    name: row.name,
    kind: row.kind as Principal['kind'],
    groups: JSON.parse(row.member_of) as readonly string[],
    person: row.person,
    refreshedAt: row.refreshed_at,
    leftAt: row.left_at,
    renewal: row.renewal,
  };
}
