import assert from 'node:assert/strict';
import type { KnownPerson, PeopleStore } from '../core/ports/people-store.ts';
import type { SuiteRunner } from './suite.ts';

/** A new, empty store and how to close it. */
export type OpenPeople = () => Promise<{
  readonly people: PeopleStore;
  readonly close: () => Promise<void>;
}>;

const CALLERS = 50;

const ANNA: KnownPerson = {
  subject: 'oidc:00u1',
  name: 'Anna',
  kind: 'person',
  groups: ['engineers', 'on-call'],
  person: 'employee-17',
  refreshedAt: 5_000,
  leftAt: null,
  renewal: 'sealed-renewal',
};
const BERT: KnownPerson = { ...ANNA, subject: 'oidc:00u2', name: 'Bert', person: 'oidc:00u2', renewal: null };

const CARA: KnownPerson = { ...ANNA, subject: 'oidc:00u3', name: 'Cara', person: 'oidc:00u3' };

/** The contract of `PeopleStore`. `open` gives a new, empty one at every call; the suite closes it. */
export function peopleStoreSuite(runner: SuiteRunner, open: OpenPeople): void {
  personSuite(runner, open);
  leavingSuite(runner, open);
  linkSuite(runner, open);
  unlinkSuite(runner, open);
}

function personSuite({ test }: SuiteRunner, open: OpenPeople): void {
  test(
    'a person is found as the provider last vouched for them',
    onPeople(open, async (people) => {
      assert.equal(await people.find(ANNA.subject), undefined);
      await people.put(ANNA);
      await people.put(BERT);
      assert.deepEqual(await people.find(ANNA.subject), ANNA);
      const renamed = { ...ANNA, name: 'Zoe', groups: [], person: 'employee-18', refreshedAt: 6_000 };
      await people.put({ ...renamed, renewal: null });
      assert.deepEqual(await people.find(ANNA.subject), { ...renamed, renewal: null });
      assert.deepEqual(
        (await people.list()).map((person) => person.name),
        ['Bert', 'Zoe'],
      );
    }),
  );

  test(
    'an answer of the provider that is older than what is known changes nothing; one of the same moment does',
    onPeople(open, async (people) => {
      await people.put(ANNA);
      await people.put({ ...ANNA, groups: ['admins'], refreshedAt: ANNA.refreshedAt - 1 });
      assert.deepEqual(await people.find(ANNA.subject), ANNA);
      await people.put({ ...ANNA, groups: [] });
      assert.deepEqual((await people.find(ANNA.subject))?.groups, []);
    }),
  );

  test(
    'those that nobody has vouched for lately, and that can be asked about, are listed, the longest ago first',
    onPeople(open, async (people) => {
      const at = (person: KnownPerson, refreshedAt: number) => people.put({ ...person, refreshedAt });
      await at(ANNA, 3_000);
      await at(CARA, 2_000);
      await at(BERT, 1_000);
      await at({ ...ANNA, subject: 'oidc:fresh' }, 4_000);
      await at({ ...ANNA, subject: 'oidc:gone' }, 1_000);
      await people.markLeft('oidc:gone', 1_500);
      const subjects = async (before: number, limit: number) =>
        (await people.listStale({ before, limit })).map((person) => person.subject);
      assert.deepEqual(await subjects(4_000, 9), [CARA.subject, ANNA.subject]);
      assert.deepEqual(await subjects(4_000, 1), [CARA.subject]);
      assert.deepEqual(await subjects(2_000, 9), []);
    }),
  );

  test(
    'they are listed a few at a time, those of one moment too, until all were',
    onPeople(open, async (people) => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const [at, name] of names.toReversed().entries())
        await people.put({ ...ANNA, subject: `oidc:${name}`, refreshedAt: at < 4 ? 2_000 : 1_000 });
      const found: string[] = [];
      let after: KnownPerson | undefined;
      for (;;) {
        const some = await people.listStale({ before: 4_000, after, limit: 2 });
        after = some.at(-1);
        if (!after) break;
        found.push(...some.map(({ subject }) => subject.slice('oidc:'.length)));
      }
      assert.deepEqual(found, ['a', 'b', 'c', 'd', 'e', 'f']);
    }),
  );
}

function leavingSuite({ test }: SuiteRunner, open: OpenPeople): void {
  test(
    'of 50 callers who see that a person left one is the first; the refresh token is gone, the person is not listed',
    onPeople(open, async (people) => {
      await people.put(ANNA);
      await people.put(BERT);
      const results = await Promise.all(
        Array.from({ length: CALLERS }, (_, caller) => people.markLeft(ANNA.subject, 7_000 + caller)),
      );
      assert.equal(results.filter(Boolean).length, 1);
      const leftAt = 7_000 + results.indexOf(true);
      assert.deepEqual(await people.find(ANNA.subject), { ...ANNA, leftAt, renewal: null });
      assert.deepEqual(await people.list(), [BERT]);
      assert.equal(await people.markLeft(ANNA.subject, 9_000), false);
      assert.equal(await people.markLeft('oidc:unknown', 9_000), false);
    }),
  );

  test(
    'who left is brought back by a new answer of the provider, not by one that was on its way, nor before the leaving has ended',
    onPeople(open, async (people) => {
      await people.put(ANNA);
      await people.markLeft(ANNA.subject, 7_000);
      for (const refreshedAt of [6_000, 7_000]) await people.put({ ...ANNA, refreshedAt });
      assert.deepEqual(await people.find(ANNA.subject), { ...ANNA, leftAt: 7_000, renewal: null });
      await people.put({ ...ANNA, refreshedAt: 7_001 });
      assert.deepEqual(await people.find(ANNA.subject), { ...ANNA, leftAt: 7_000, renewal: null });
      await people.endLeaving({ subject: ANNA.subject, leftAt: 7_000 });
      await people.put({ ...ANNA, refreshedAt: 7_001 });
      assert.deepEqual(await people.find(ANNA.subject), { ...ANNA, refreshedAt: 7_001 });
      assert.deepEqual(await people.list(), [{ ...ANNA, refreshedAt: 7_001 }]);
    }),
  );

  test(
    'a leaving goes on until it is ended, and one that began later is another',
    onPeople(open, async (people) => {
      for (const person of [ANNA, BERT, CARA]) await people.put(person);
      assert.deepEqual(await people.listLeaving(), []);
      await people.markLeft(BERT.subject, 7_000);
      await people.markLeft(ANNA.subject, 8_000);
      const [bert, anna] = [
        { subject: BERT.subject, leftAt: 7_000 },
        { subject: ANNA.subject, leftAt: 8_000 },
      ];
      assert.deepEqual(await people.listLeaving(), [bert, anna]);
      await people.endLeaving({ ...anna, leftAt: 7_000 });
      assert.deepEqual(await people.listLeaving(), [bert, anna]);
      await people.endLeaving(bert);
      await people.endLeaving(bert);
      assert.deepEqual(await people.listLeaving(), [anna]);
      assert.equal((await people.find(BERT.subject))?.leftAt, 7_000);
    }),
  );

  test(
    'whoever is put as having left keeps no refresh token',
    onPeople(open, async (people) => {
      await people.put({ ...ANNA, leftAt: 5_000 });
      assert.deepEqual(await people.find(ANNA.subject), { ...ANNA, leftAt: 5_000, renewal: null });
      assert.deepEqual(await people.list(), []);
    }),
  );
}

function linkSuite({ test }: SuiteRunner, open: OpenPeople): void {
  test(
    'an id on a channel is one person at a time, and an id of that channel only',
    onPeople(open, async (people) => {
      const link = { channel: 'slack', externalId: 'T1/U1', subject: ANNA.subject, linkedAt: 1_000 };
      assert.equal(await people.findLinked('slack', 'T1/U1'), undefined);
      await people.link(link);
      assert.deepEqual(await people.findLinked('slack', 'T1/U1'), link);
      assert.equal(await people.findLinked('webhook', 'T1/U1'), undefined);
      assert.equal(await people.findLinked('slack', 't1/u1'), undefined);
      await people.link({ ...link, externalId: 'T2/U9', linkedAt: 2_000 });
      await people.link({ ...link, subject: BERT.subject, linkedAt: 3_000 });
      assert.deepEqual(await people.findLinked('slack', 'T1/U1'), {
        ...link,
        subject: BERT.subject,
        linkedAt: 3_000,
      });
      assert.equal((await people.findLinked('slack', 'T2/U9'))?.subject, ANNA.subject);
    }),
  );
}

function unlinkSuite({ test }: SuiteRunner, open: OpenPeople): void {
  test(
    "unlinking a person takes all of their ids on channels, and nobody else's",
    onPeople(open, async (people) => {
      const link = (externalId: string, subject: string) =>
        people.link({ channel: 'slack', externalId, subject, linkedAt: 1_000 });
      await link('T1/U1', ANNA.subject);
      await link('T2/U1', ANNA.subject);
      await link('T1/U2', BERT.subject);
      assert.equal(await people.unlink(ANNA.subject), 2);
      assert.equal(await people.unlink(ANNA.subject), 0);
      assert.equal(await people.findLinked('slack', 'T1/U1'), undefined);
      assert.equal((await people.findLinked('slack', 'T1/U2'))?.subject, BERT.subject);
    }),
  );
}

function onPeople(open: OpenPeople, body: (people: PeopleStore) => Promise<void>): () => Promise<void> {
  return async () => {
    const { people, close } = await open();
    try {
      await body(people);
    } finally {
      await close();
    }
  };
}
