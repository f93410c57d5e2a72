import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthorityKey, readAuthorityKey } from '../../../../src/adapters/connectors/ssh/authority.ts';
import {
  buildCertificate,
  type CertificateFields,
} from '../../../../src/adapters/connectors/ssh/certificate.ts';
import { formatPublicKey } from '../../../../src/core/ssh-wire.ts';
import { readCertificate } from '../../../support/ssh/certificate.ts';
import { hasTool } from '../../../support/tools.ts';

const AT = Date.parse('2026-11-21T14:00:00Z');
const fields: CertificateFields = {
  publicKey: Buffer.alloc(32, 7),
  serial: 2n ** 64n - 1n,
  keyId: 'gr_01 dev',
  principals: ['ops', 'deploy'],
  validAfterAt: AT,
  validBeforeAt: AT + 120_999,
  sourceAddress: '2001:db8::7',
  extensions: ['permit-user-rc', 'permit-pty', 'permit-pty'],
};
const authority = readAuthorityKey(makeAuthorityKey());
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-test-certificate-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a certificate', () => {
  it('says what it was told to, in the order that the format wants', () => {
    const read = readCertificate(buildCertificate(fields, authority));
    expect(read).toMatchObject({
      kind: 'ssh-ed25519-cert-v01@openssh.com',
      serial: 2n ** 64n - 1n,
      type: 1,
      keyId: 'gr_01 dev',
      principals: ['ops', 'deploy'],
      validAfter: AT / 1000,
      validBefore: AT / 1000 + 120,
      extensions: ['permit-pty', 'permit-user-rc'],
    });
    expect([...read.criticalOptions]).toEqual([['source-address', '2001:db8::7']]);
    expect(Buffer.from(read.publicKey, 'base64')).toEqual(fields.publicKey);
  });

  it('is signed by the authority, every byte of it', () => {
    const { signed, signature } = readCertificate(buildCertificate(fields, authority));
    const x = Buffer.from(authority.publicKey).toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, signed, key, signature)).toBe(true);
    signed[40] = (signed[40] ?? 0) ^ 1;
    expect(verify(null, signed, key, signature)).toBe(false);
  });

  it('is never twice the same', () => {
    expect(buildCertificate(fields, authority)).not.toBe(buildCertificate(fields, authority));
  });

  it('has no critical option where it is good from everywhere', () => {
    const line = buildCertificate({ ...fields, sourceAddress: null, extensions: [] }, authority);
    expect(readCertificate(line)).toMatchObject({ criticalOptions: new Map(), extensions: [] });
  });

  it.runIf(hasTool(['which', 'ssh-keygen'], 'ssh-keygen'))('is what OpenSSH reads in it', async () => {
    const path = join(folder, 'key-cert.pub');
    await writeFile(path, `${buildCertificate(fields, authority)}\n`);
    const said = execFileSync('ssh-keygen', ['-L', '-f', path], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    const trusted = join(folder, 'authority.pub');
    await writeFile(trusted, formatPublicKey(authority.publicKey, 'jit'));
    const print = execFileSync('ssh-keygen', ['-l', '-f', trusted], { encoding: 'utf8' }).split(' ')[1];
    expect(said).toContain(`Signing CA: ED25519 ${print} (using ssh-ed25519)`);
    expect(said).toContain('Key ID: "gr_01 dev"');
    expect(said).toContain('Serial: 18446744073709551615');
    expect(said).toContain('Valid: from 2026-11-21T14:00:00 to 2026-11-21T14:02:00');
    expect(said).toMatch(/Principals: \n\s+ops\n\s+deploy\n/);
    expect(said).toMatch(/Critical Options: \n\s+source-address 2001:db8::7\n/);
    expect(said).toMatch(/Extensions: \n\s+permit-pty\n\s+permit-user-rc\n/);
  });
});
