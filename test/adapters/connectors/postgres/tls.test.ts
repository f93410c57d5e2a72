import { execFile, spawnSync } from 'node:child_process';
import { chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it, vi } from 'vitest';
import type { Credential } from '../../../../src/core/credential.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { makeCertificate } from '../../../support/certificates.ts';
import { describeEachServer } from './fixture.ts';

const run = promisify(execFile);
const hasPsql = spawnSync('psql', ['--version']).status === 0;
if (!hasPsql) process.stderr.write('skipped: no psql on this machine\n');
if (!hasPsql && process.env.JIT_TEST_NO_SKIP === '1') throw new Error('no psql on this machine');

await describeEachServer({ name: 'a connection' }, (server, open) => {
  const own = makeCertificate();
  const ca = join(server.folder, 'ca.pem');
  const strangersCa = join(server.folder, 'stranger.pem');

  beforeAll(async () => {
    const { uid, gid } = statSync(join(server.folder, `data-${server.major}`));
    const key = join(server.folder, 'key.pem');
    writeFileSync(key, own.key, { mode: 0o600 });
    writeFileSync(ca, own.cert);
    writeFileSync(strangersCa, makeCertificate().cert);
    if (process.getuid?.() === 0) for (const file of [key, ca]) chownSync(file, uid, gid);
    await server.sql(`ALTER SYSTEM SET ssl_key_file = '${key}'`);
    await server.sql(`ALTER SYSTEM SET ssl_cert_file = '${ca}'`);
    await server.sql("ALTER SYSTEM SET ssl = 'on'");
    await server.sql('SELECT pg_reload_conf()');
    await vi.waitFor(async () => expect(await server.sql('SHOW ssl')).toEqual([{ ssl: 'on' }]));
  });

  const probe = (fixture: ReturnType<typeof open>, credential: Credential) =>
    fixture.connector.probe(credential, Date.now() + 10_000);

  it('to a server that its authority vouches for is made, and encrypted', async () => {
    const fixture = open({ tls: { ca } });
    await probe(fixture, await fixture.issue());
    const sql =
      "SELECT bool_and(s.ssl) AS encrypted FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'jit server'";
    expect(await server.sql(sql)).toEqual([{ encrypted: true }]);
    await fixture.remove();
  });

  it('to a server with a certificate of somebody else is refused, before a password is sent', async () => {
    const fixture = open({ tls: { ca: strangersCa } });
    await expect(fixture.issue()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('self-signed certificate'),
    });
    expect(await server.sql(`SELECT FROM pg_roles WHERE rolname = '${fixture.handle}'`)).toEqual([]);
  });

  it('to a server under another name than its certificate has is refused', async () => {
    const url = new Secret(server.adminUrl.reveal().replace('127.0.0.1', 'localhost'));
    await expect(open({ url, tls: { ca } }).issue()).rejects.toMatchObject({
      message: expect.stringMatching(/does not match certificate/),
    });
  });

  it('is encrypted without a look at the certificate where that was said', async () => {
    const fixture = open({ tls: { mode: 'require' } });
    const credential = await fixture.issue();
    await probe(fixture, credential);
    expect(credential.environment.PGSSLMODE).toBe('require');
    expect(credential.secretFiles.map(({ variable }) => variable)).toEqual(['PGPASSFILE']);
    await fixture.remove();
  });

  it.skipIf(!hasPsql)('of an engineer verifies the server as jit does', async () => {
    const fixture = open({ tls: { ca } });
    const { environment, secretFiles } = await fixture.issue();
    const files = Object.fromEntries(
      secretFiles.map(({ variable, content }) => {
        const file = join(server.folder, variable);
        writeFileSync(file, content.reveal(), { mode: 0o600 });
        return [variable, file];
      }),
    );
    const sql = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    const look = async (more: Readonly<Record<string, string>>) => {
      const env = { ...environment, ...files, ...more, PATH: process.env.PATH };
      return (await run('psql', ['-X', '-w', '-A', '-t', '-c', sql], { env })).stdout.trim();
    };
    expect(await look({})).toBe('t');
    await expect(look({ PGSSLROOTCERT: strangersCa })).rejects.toThrow(/certificate verify failed/);
    await fixture.remove();
  });

  it('with authorities that are none is refused when the target is opened', () => {
    const noPem = join(server.folder, 'key.pem');
    expect(() => open({ tls: { ca: noPem } })).toThrow(/key.pem cannot be read as certificates in PEM/);
  });
});
