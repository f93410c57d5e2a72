import { beforeAll, expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { describeEachServer } from './fixture.ts';

const HOSTILE = 'we"ird\', public; --';
const READ = 'prod:db.read';
const WRITE = 'prod:db.write';

await describeEachServer({ name: 'what sessions begin with' }, (server, open) => {
  beforeAll(async () => {
    const schema = `"${HOSTILE.replaceAll('"', '""')}"`;
    await server.sql(`CREATE SCHEMA ${schema}; GRANT USAGE ON SCHEMA ${schema} TO PUBLIC`);
  });

  it('is the path of the scope, its time-out and its limit', async () => {
    const settings = { searchPath: ['reporting', 'public'], statementTimeoutSeconds: 2, connectionLimit: 2 };
    const fixture = open({ sessions: { [WRITE]: settings } });
    const credential = await fixture.issue();
    const session = await logIn(credential);
    expect(await session.sql('SHOW search_path')).toEqual([{ search_path: 'reporting, public' }]);
    expect(await session.sql('SHOW statement_timeout')).toEqual([{ statement_timeout: '2s' }]);
    await logIn(credential);
    await expect(logIn(credential)).rejects.toThrow(/too many connections/);
    await fixture.remove();
  });

  it('S8: a schema with a hostile name is one schema', async () => {
    const fixture = open({ sessions: { [WRITE]: { searchPath: [HOSTILE, '$user', 'default'] } } });
    const session = await logIn(await fixture.issue());
    const sql = 'SELECT current_schemas(false)::text[] AS schemas';
    expect(await session.sql(sql)).toEqual([{ schemas: [HOSTILE] }]);
    await fixture.remove();
  });

  it('is what the scopes of the grant say together: paths in turn, the smallest of each number', async () => {
    const sessions = {
      [READ]: { searchPath: ['reporting', 'public'], statementTimeoutSeconds: 60, connectionLimit: 3 },
      [WRITE]: { searchPath: ['public', 'app'], statementTimeoutSeconds: 5 },
      'prod:db.admin': { statementTimeoutSeconds: 1 },
    };
    const fixture = open({ sessions });
    const session = await logIn(await fixture.issue([READ, WRITE]));
    expect(await session.sql('SHOW search_path')).toEqual([{ search_path: 'reporting, public, app' }]);
    expect(await session.sql('SHOW statement_timeout')).toEqual([{ statement_timeout: '5s' }]);
    const sql = `SELECT rolconnlimit AS most FROM pg_roles WHERE rolname = '${fixture.handle}'`;
    expect(await server.sql(sql)).toEqual([{ most: 3 }]);
    await fixture.remove();
  });

  it('another issue for other scopes leaves exactly their settings', async () => {
    const fixture = open({ sessions: { [READ]: { searchPath: ['reporting'], connectionLimit: 1 } } });
    await fixture.issue([READ]);
    await fixture.issue([WRITE]);
    const sql = `SELECT rolconfig AS settings, rolconnlimit AS most FROM pg_roles WHERE rolname = '${fixture.handle}'`;
    expect(await server.sql(sql)).toEqual([{ settings: null, most: 20 }]);
    await fixture.remove();
  });

  it('a claim that is repeated while every connection is in use is still tried, and succeeds', async () => {
    const fixture = open({ sessions: { [WRITE]: { connectionLimit: 1 } } });
    await logIn(await fixture.issue());
    const again = await fixture.issue();
    await fixture.connector.probe(again, Date.now() + 10_000);
    await server.sql(`ALTER ROLE ${fixture.handle} NOLOGIN`);
    const refused = fixture.connector.probe(again, Date.now() + 10_000);
    await expect(refused).rejects.toMatchObject({ code: 'target_failed' });
    await fixture.remove();
  });
});
