import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { findFileName, isPlainOptionFile } from '../../src/core/option-file.ts';
import { credentialMessage } from '../../src/core/wire/claim.ts';

const PLAIN =
  '[client]\nuser=jit_x\npassword=aB-_9\nhost=::1\nport=3306\nprotocol=TCP\n[mysql]\ndatabase=orders\n';

const HOSTILE = [
  'pager=sh -c id',
  'init-command=system id',
  'plugin-dir=/tmp/evil',
  'default-auth=dialog',
  'tee=/tmp/log',
  '!include /tmp/evil.cnf',
  '!includedir /tmp',
  'loose-pager=id',
  'user=x\\npager=id',
  'user=x #',
  'socket=/tmp/evil',
  'host=a b',
  'ssl-ca=/etc/passwd',
  'password="x"',
  '[mysqldump]',
  ' pager=id',
  'user=x\rpager=id',
  '',
];

describe('an option file that a server hands over', () => {
  it('may say who logs in where', () => {
    expect(isPlainOptionFile(PLAIN)).toBe(true);
    expect(isPlainOptionFile(`[client-mariadb]\nssl=1\nssl-verify-server-cert=0\n${PLAIN}`)).toBe(true);
  });

  it.each(HOSTILE)('may not say %j', (line) => {
    expect(isPlainOptionFile(`${PLAIN}${line}\n${PLAIN}`)).toBe(false);
  });

  it('has its name in a folder; other secret files are named by their path', () => {
    expect(findFileName('MYSQL_HOME')).toBe('my.cnf');
    expect(findFileName('PGPASSFILE')).toBeUndefined();
  });

  it('is refused with the whole credential when it says more, and MYSQL_HOME as a plain variable', () => {
    const build = (content: string, environment: Record<string, string> = {}) => ({
      environment,
      secret_environment: {},
      secret_files: [{ variable: 'MYSQL_HOME', content, instead: { variable: 'MYSQL_PWD', value: 'aB-_9' } }],
      removes: ['MYSQL_PWD'],
    });
    expect(v.safeParse(credentialMessage, build(PLAIN)).success).toBe(true);
    expect(v.safeParse(credentialMessage, build(`${PLAIN}pager=id\n`)).success).toBe(false);
    expect(v.safeParse(credentialMessage, build(PLAIN, { MYSQL_HOME: '/tmp/evil' })).success).toBe(false);
  });
});
