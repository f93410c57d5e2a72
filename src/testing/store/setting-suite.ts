import assert from 'node:assert/strict';
import type { SuiteRunner } from '../suite.ts';
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
