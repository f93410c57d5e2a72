import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openPretendPostgres } from '../../support/processes/postgres.ts';
import { buildExec, startProgram } from '../../support/processes/real.ts';

const example = fileURLToPath(new URL('../../../examples/query.js', import.meta.url));

type Query = {
  readonly text?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secret?: string;
};

async function query(port: number, options: Query = {}) {
  const { text = ['select * from orders'], environment = {}, secret = '*:*:*:*:from-a-file' } = options;
  const order = { command: process.execPath, args: [example, ...text], secret };
  const where = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'jit_x', PGDATABASE: 'orders' };
  const inherited = { PATH: process.env.PATH, ...where, ...environment };
  const { exitCode, stdout, stderr } = await startProgram(buildExec(order), inherited).ended;
  return { exitCode, stdout, stderr };
}

describe('examples/query.js', () => {
  it('S9: logs in with the secret file and shows the rows', async () => {
    await using server = await openPretendPostgres({
      columns: ['id', 'customer'],
      rows: [
        ['1', 'Ada'],
        ['22', 'Grace\r\x1b[2J'],
      ],
    });
    expect(await query(server.port)).toEqual({
      exitCode: 0,
      stdout: `id | customer\n---+-${'-'.repeat(19)}\n1  | Ada\n22 | Grace\\u{d}\\u{1b}[2J\n(2 rows)\n`,
      stderr: '',
    });
    expect(server.passwords).toEqual(['from-a-file']);
  });

  it('reads the line that fits, with its escapes', async () => {
    await using server = await openPretendPostgres({ columns: ['n'], rows: [['1']] });
    const secret = `127.0.0.1:1:*:*:wrong\n127.0.0.1:${server.port}:orders:jit_x:a\\:b\\\\c\n*:*:*:*:late\n`;
    await query(server.port, { secret });
    expect(server.passwords).toEqual(['a:b\\c']);
  });

  it('uses PGPASSWORD where there is no file', async () => {
    await using server = await openPretendPostgres({ columns: ['count'], rows: [['42']] });
    const { stdout } = await query(server.port, { environment: { PGPASSWORD: 'from-a-variable' } });
    expect(stdout).toBe('count\n-----\n42\n(1 row)\n');
    expect(server.passwords).toEqual(['from-a-variable']);
  });

  it('ends with 1 and one line when it fails', async () => {
    const server = await openPretendPostgres({ columns: [], rows: [] });
    await server[Symbol.asyncDispose]();
    const { exitCode, stdout, stderr } = await query(server.port);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^query: .*ECONNREFUSED.*\n$/);
    expect(await query(server.port, { text: [] })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: "query: usage: node examples/query.js 'select …'\n",
    });
  });
});
