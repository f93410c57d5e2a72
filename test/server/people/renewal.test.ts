import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PeopleStore } from '../../../src/core/ports/people-store.ts';
import { renewPeople } from '../../../src/server/people/renew-people.ts';
import { openScene, type Scene } from '../../support/company/renewal-scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await openScene();
  scene.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
  await scene.logIn('u-1');
});

afterEach(() => scene[Symbol.asyncDispose]());

const readGroups = async (of = scene) => (await of.directory.find('oidc:u-1'))?.groups;

describe('groups', () => {
  it('are asked for again, and are those of now', async () => {
    scene.server.accounts.set('u-1', { name: 'ada.l', groups: ['dba'] });
    expect(await readGroups()).toEqual(['engineers']);
    await scene.round();
    expect(await scene.directory.find('oidc:u-1')).toMatchObject({ name: 'ada.l', groups: ['dba'] });
    expect(scene.errors).toEqual([]);
  });

  it('are asked for once in a period, by one of any number of replicas', async () => {
    await scene.round();
    const before = scene.server.asked.length;
    await renewPeople(scene);
    expect(scene.server.asked.slice(before)).toEqual([]);
    await scene.logIn('u-1');
    scene.server.asked.length = 0;
    await scene.round();
    await Promise.all(Array.from({ length: 5 }, () => renewPeople(scene)));
    expect(scene.server.asked.filter((line) => line === 'POST /token')).toHaveLength(1);
  });

  it('of people who have nothing here are not asked for', async () => {
    scene.present = false;
    scene.server.asked.length = 0;
    await scene.round();
    expect(scene.server.asked).toEqual([]);
  });

  it('of everybody are asked for, however many who do not come any more are before them', async () => {
    const gone = Array.from({ length: 9 }, (_, at) => `oidc:gone-${at}`);
    const whoever = { name: 'x', kind: 'person', groups: [], leftAt: null, renewal: 'sealed' } as const;
    for (const [at, subject] of gone.entries())
      await scene.people.put({ ...whoever, subject, person: subject, refreshedAt: at < 4 ? 1 : at });
    const asked: string[] = [];
    const people: PeopleStore = {
      ...scene.people,
      listStale: (stale) => scene.people.listStale({ ...stale, limit: Math.min(stale.limit, 2) }),
    };
    scene.server.accounts.set('u-1', { name: 'ada', groups: ['dba'] });
    scene.pass();
    const isPresent = async (subject: string): Promise<boolean> => {
      asked.push(subject);
      return !gone.includes(subject);
    };
    await renewPeople({ ...scene, people, isPresent });
    expect(asked).toEqual([...gone, 'oidc:u-1']);
    expect(await readGroups()).toEqual(['dba']);
  });

  it('are as old as the login where the company gives nothing to ask with', async () => {
    await using other = await openScene({ givesRenewals: false });
    other.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await other.logIn('u-1');
    other.server.accounts.set('u-1', { name: 'ada', groups: ['dba'] });
    await other.round();
    expect([await readGroups(other), other.left]).toEqual([['engineers'], []]);
  });

  it('are asked for with the newest that the company gave, round after round', async () => {
    await using other = await openScene({ rotatesRenewals: true });
    for (const group of ['a', 'b', 'c']) {
      other.server.accounts.set('u-1', { name: 'ada', groups: [group] });
      if (group === 'a') await other.logIn('u-1');
      else await other.round();
      expect(await readGroups(other)).toEqual([group]);
    }
    expect(other.left).toEqual([]);
  });
});

describe('somebody who is removed at the company', () => {
  it('is gone at the next round, once', async () => {
    scene.server.accounts.delete('u-1');
    await scene.round();
    await scene.round();
    expect(scene.left).toEqual(['oidc:u-1']);
    expect(await scene.directory.find('oidc:u-1')).toBeUndefined();
    expect(await scene.directory.list()).toEqual([]);
  });

  it('has everything taken for as long as there is something left, if that failed', async () => {
    scene.server.accounts.delete('u-1');
    Object.assign(scene, { holders: ['oidc:u-1', 'oidc:u-2'], isFailing: true });
    await scene.round();
    expect(scene.errors.map(String)).toEqual(['Error: the store is full']);
    scene.isFailing = false;
    await renewPeople(scene);
    scene.holders = [];
    await renewPeople(scene);
    expect(scene.left).toEqual(['oidc:u-1', 'oidc:u-1']);
  });

  it('has everything taken in the next round too where that failed, also who holds nothing any more', async () => {
    scene.server.accounts.delete('u-1');
    scene.isFailing = true;
    await scene.round();
    expect(scene.left).toEqual(['oidc:u-1']);
    await renewPeople(scene);
    scene.isFailing = false;
    await renewPeople(scene);
    await renewPeople(scene);
    expect(scene.left).toEqual(['oidc:u-1', 'oidc:u-1', 'oidc:u-1']);
  });

  it('is not let in again before everything was taken: what was left would be theirs again', async () => {
    scene.server.accounts.delete('u-1');
    scene.isFailing = true;
    await scene.round();
    scene.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await expect(scene.logIn('u-1')).rejects.toMatchObject({ code: 'lost_race' });
    expect(await readGroups()).toBeUndefined();
    scene.isFailing = false;
    await renewPeople(scene);
    await scene.logIn('u-1');
    expect(await readGroups()).toEqual(['engineers']);
  });

  it('is gone too where the company only says that the account is not active', async () => {
    scene.server.accounts.set('u-1', { name: 'ada', claims: { active: false } });
    await scene.round();
    expect(scene.left).toEqual(['oidc:u-1']);
  });

  it('is back when the company lets them log in again', async () => {
    scene.server.accounts.delete('u-1');
    await scene.round();
    scene.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await scene.logIn('u-1');
    expect(await readGroups()).toEqual(['engineers']);
  });

  it('leaves no renewal in the store, and none is there in the clear', async () => {
    const { renewal } = (await scene.people.find('oidc:u-1')) ?? {};
    expect(renewal).toMatch(/^[\w-]{60,}$/);
    scene.server.accounts.delete('u-1');
    await scene.round();
    expect((await scene.people.find('oidc:u-1'))?.renewal).toBeNull();
  });
});
