import { openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { buildRequest, submit } from '../../../src/testing/store/rows.ts';

const [path = '', task = 'hold'] = process.argv.slice(2);

/** A server of its own on the store: says what came of it on stdout, and stays until it is killed. */
try {
  const { store } = await openSqliteStore({ path });
  process.stdout.write('held\n');
  setInterval(() => {}, 60_000);
  while (task === 'commit') {
    const request = buildRequest();
    await store.commit(submit(request));
    process.stdout.write(`${request.id}\n`);
  }
} catch (error) {
  process.stdout.write(`${hasCode(error, 'store_in_use') ? 'store_in_use' : String(error)}\n`);
}
