import assert from 'node:assert/strict';
import type { SuiteRunner } from '../suite.ts';
import { buildEvent } from './rows.ts';
import { type OpenSubject, onStore } from './subject.ts';

/** Ids and keys: made once for everybody, and replaced by one at a time. */
export function storeSettingSuite({ test }: SuiteRunner, open: OpenSubject): void {
  test(
    'a setting is made once: of 16 first callers all get the same value, and so does everybody after',
    onStore(open, async (store) => {
      const make = (value: number) => store.readSetting('installation', async () => `made by ${value}`);
      const values = await Promise.all(Array.from({ length: 16 }, (_, caller) => make(caller)));
      assert.equal(new Set(values).size, 1);
      assert.equal(await make(99), values[0]);
      assert.equal(await store.readSetting('other', async () => 'another'), 'another');
    }),
  );

  test(
    'a setting whose making failed is made by the next caller',
    onStore(open, async (store) => {
      await assert.rejects(
        store.readSetting('key', () => Promise.reject(new Error('no entropy'))),
        /no entropy/,
      );
      assert.equal(await store.readSetting('key', async () => 'second'), 'second');
    }),
  );

  test(
    'a setting is replaced where it is what the caller read, and is another for everybody from then on',
    onStore(open, async (store) => {
      await store.readSetting('key', async () => 'first');
      assert.equal(await store.replaceSetting({ name: 'key', before: 'first', after: 'second' }), 'replaced');
      assert.equal(await store.replaceSetting({ name: 'key', before: 'first', after: 'third' }), 'lost');
      assert.equal(await store.replaceSetting({ name: 'none', before: '', after: 'any' }), 'lost');
      assert.equal(await store.readSetting('key', async () => 'never'), 'second');
      assert.equal(await store.readSetting('none', async () => 'made'), 'made');
    }),
  );

  test(
    'a setting can be there, and be gone, from one moment on, and is found by how its name begins',
    onStore(open, async (store) => {
      const made = { name: 'note of one', before: null, after: 'begun' };
      assert.equal(await store.replaceSetting(made), 'replaced');
      assert.equal(await store.replaceSetting({ ...made, after: 'by another' }), 'lost');
      await store.readSetting('note_of two', async () => 'not a note');
      await store.replaceSetting({ ...made, name: 'note of %' });
      assert.deepEqual(await store.listSettings('note of '), [
        { name: 'note of %', value: 'begun' },
        { name: 'note of one', value: 'begun' },
      ]);
      assert.deepEqual(await store.listSettings('note of %'), [{ name: 'note of %', value: 'begun' }]);
      assert.equal(await store.replaceSetting({ ...made, before: 'ended', after: null }), 'lost');
      assert.equal(await store.replaceSetting({ ...made, before: 'begun', after: null }), 'replaced');
      assert.equal(await store.replaceSetting({ ...made, before: 'begun', after: null }), 'lost');
      assert.equal((await store.listSettings('note of ')).length, 1);
    }),
  );

  test(
    'S1: a setting changes with the event of it, or neither: of 16 who replace it so one does',
    onStore(open, async (store) => {
      const before = await store.readSetting('key', async () => 'old');
      const replace = (caller: number) =>
        store.commit({
          event: buildEvent('keys.rotated', { detail: { caller } }),
          setting: { name: 'key', before, after: `of ${caller}` },
        });
      const outcomes = await Promise.all(Array.from({ length: 16 }, (_, caller) => replace(caller)));
      assert.equal(outcomes.filter((outcome) => outcome === 'committed').length, 1);
      const winner = outcomes.indexOf('committed');
      assert.equal(await store.readSetting('key', async () => 'never'), `of ${winner}`);
      const events = await store.listEvents({ limit: 99 });
      assert.deepEqual(
        events.map(({ detail }) => detail.caller),
        [winner],
      );
    }),
  );

  test(
    'S1: of 16 who replace a setting at once one does',
    onStore(open, async (store) => {
      await store.readSetting('key', async () => 'old');
      const replace = (caller: number) =>
        store.replaceSetting({ name: 'key', before: 'old', after: `of ${caller}` });
      const outcomes = await Promise.all(Array.from({ length: 16 }, (_, caller) => replace(caller)));
      assert.equal(outcomes.filter((outcome) => outcome === 'replaced').length, 1);
      const winner = outcomes.indexOf('replaced');
      assert.equal(await store.readSetting('key', async () => 'never'), `of ${winner}`);
    }),
  );
}
