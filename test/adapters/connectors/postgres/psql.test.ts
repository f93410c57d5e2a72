import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeEachServer } from './fixture.ts';

const run = promisify(execFile);
const hasPsql = spawnSync('psql', ['--version']).status === 0;
if (!hasPsql) process.stderr.write('skipped: no psql on this machine\n');

await describeEachServer({ name: 'psql' }, (server, open) => {
  it.skipIf(!hasPsql)(
    'S9: gets in with the password file, and with the variable where no file can be',
    async () => {
      const fixture = open();
      const { environment, secretFiles } = await fixture.issue();
      const [file] = secretFiles;
      const passwordFile = join(server.folder, 'passwords');
      await writeFile(passwordFile, file?.content.reveal() ?? '', { mode: 0o600 });
      const sql = "SELECT count(*) || ' by ' || current_setting('application_name') FROM orders";
      const count = async (secret: Record<string, string>) => {
        const env = { ...environment, ...secret, PATH: process.env.PATH };
        return (await run('psql', ['-X', '-w', '-A', '-t', '-c', sql], { env })).stdout.trim();
      };
      const expected = `400 by ${environment.PGAPPNAME}`;
      expect(await count({ PGPASSFILE: passwordFile })).toBe(expected);
      expect(await count({ PGPASSWORD: file?.instead.value.reveal() ?? '' })).toBe(expected);
      await expect(count({ PGPASSFILE: '/dev/null' })).rejects.toThrow(/no password supplied/);
      await fixture.remove();
      await expect(count({ PGPASSFILE: passwordFile })).rejects.toThrow(/authentication failed/);
    },
  );
});
