import { afterAll, expect, it } from 'vitest';
import { KEY_USES } from '../../../src/core/server-keys.ts';
import { findLongest, listKeysOnce, rotateKeysOnce } from '../../../src/server/compose/keys-once.ts';
import {
  KEEPING_SECRET,
  keep,
  makeFolder,
  onPostgres,
  onSqlite,
} from '../../support/databases/kept-store.ts';
import { startTestStores } from '../../support/databases/postgres-stores.ts';
import { confirmLogin, logInWith, startJitServer } from '../../support/programs/jit-server.ts';
import { until } from '../../support/until.ts';

const stores = await startTestStores('system');

afterAll(() => stores?.stop());

const ORDER = { uses: KEY_USES, actor: 'operator:root' };

it('TOK-08: keys are rotated beside a server on PostgreSQL, which publishes the new one by itself', async ({
  skip,
}) => {
  if (!stores) return skip();
  const store = onPostgres(await stores.makeDatabase());
  await using server = await startJitServer({
    config: { store, secret: KEEPING_SECRET },
    keysReadAgainMs: 50,
  });
  const before = await readPublished(server.url);
  const { made } = await rotateKeysOnce(keep(store), ORDER);
  expect(made.map(({ use }) => use)).toEqual(KEY_USES);
  const published = await until('published', async () => {
    const ids = await readPublished(server.url);
    return ids.length === 2 && ids;
  });
  expect(published).toEqual([...before, made[0]?.id]);
  expect(await listKeysOnce(keep(store), ['signing'])).toMatchObject([
    { state: 'signing' },
    { state: 'next' },
  ]);
});

it('TOK-08: a login that was begun before keys are rotated ends after it', async ({ skip }) => {
  if (!stores) return skip();
  const store = onPostgres(await stores.makeDatabase());
  await using server = await startJitServer({
    config: { store, secret: KEEPING_SECRET },
    keysReadAgainMs: 50,
  });
  const { backend } = await logInWith(server.url, async (userCode) => {
    await rotateKeysOnce(keep(store), ORDER);
    await until('published', async () => (await readPublished(server.url)).length === 2);
    await confirmLogin(server.url, userCode, { user: 'dev' });
  });
  expect((await backend.readStatus()).grants).toEqual([]);
  expect(server.errors).toEqual([]);
});

it('a SQLite store has one process at a time, and says so', async () => {
  await using folder = await makeFolder();
  const store = onSqlite(folder.in('jit.db'));
  await using server = await startJitServer({ config: { store, secret: KEEPING_SECRET } });
  await expect(rotateKeysOnce(keep(store), ORDER)).rejects.toMatchObject({ code: 'store_in_use' });
  expect(server.errors).toEqual([]);
});

it('what a key signed is waited for as long as the longest of it can live', () => {
  const { config } = keep(onSqlite('nowhere'));
  const [scope] = config.scopes;
  const scopes = scope ? [{ ...scope, maxSeconds: 86_400 }] : [];
  const longest = findLongest({ ...config, scopes });
  expect(longest.longestTokenMs).toBe((86_400 + 300) * 1000);
  expect(longest.longestSessionMs).toBe((config.login.sessionSeconds + 300) * 1000);
  expect(findLongest({ ...config, scopes: [] }).longestTokenMs).toBe(
    (config.breakGlass.maxSeconds + 300) * 1000,
  );
});

async function readPublished(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/oauth/jwks`);
  const { keys } = (await answer.json()) as { readonly keys: readonly { readonly kid: string }[] };
  return keys.map(({ kid }) => kid);
}
