import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSshFolder } from '../../../src/adapters/ssh-folder/folder.ts';
import { openTestSshConnector, PUBLIC_KEY } from '../../support/ssh/connector.ts';
import { hasTool } from '../../support/tools.ts';

const PLACE = { server: 'https://jit.example.com:8443', target: 'web' };
const CERTIFICATE = { line: 'ssh-ed25519-cert-v01@openssh.com AAAA', validBeforeAt: 0 };

let root: string;
let path: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'jit-test-ssh-folder-'));
  path = join(root, 'ssh');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const open = () => createSshFolder({ folder: path, hostName: 'laptop' });
const modeOf = async (name: string): Promise<number> => (await stat(join(path, name))).mode & 0o777;

describe('the key of this machine', () => {
  it('is made once, for its owner alone, and read again', async () => {
    const line = await open().readPublicKey();
    expect(line).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\S{43}$/);
    expect(await open().readPublicKey()).toBe(line);
    expect(await modeOf('id_ed25519')).toBe(0o600);
    expect(await modeOf('')).toBe(0o700);
  });

  it('is one, however many connections begin at the same moment', async () => {
    const lines = await Promise.all(Array.from({ length: 20 }, () => open().readPublicKey()));
    expect(new Set(lines).size).toBe(1);
    expect(await readdir(path)).toEqual(['id_ed25519']);
  });

  it('is not replaced where something else lies in its place', async () => {
    await open().readPublicKey();
    for (const text of ['', 'my own key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END']) {
      await writeFile(join(path, 'id_ed25519'), text);
      await expect(open().readPublicKey()).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining('it is not a key of jit'),
      });
      expect(await readFile(join(path, 'id_ed25519'), 'utf8')).toBe(text);
    }
  });

  it.runIf(hasTool(['which', 'ssh-keygen'], 'ssh-keygen'))('is one that OpenSSH reads', async () => {
    const line = await open().readPublicKey();
    const said = execFileSync('ssh-keygen', ['-y', '-f', join(path, 'id_ed25519')], { encoding: 'utf8' });
    expect(said.trim()).toBe(`${line} jit laptop`);
  });
});

describe('a certificate', () => {
  it('lies where ssh is told to look, for its owner alone, without a mark of ssh_config in the name', async () => {
    const folder = open();
    await folder.writeCertificate(PLACE, CERTIFICATE);
    await folder.writeCertificate(PLACE, { ...CERTIFICATE, line: 'newer' });
    expect(folder.certificatePath(PLACE)).toBe(join(path, 'jit.example.com_8443', 'web-cert.pub'));
    expect(await readFile(folder.certificatePath(PLACE), 'utf8')).toBe('newer\n');
    expect(await modeOf('jit.example.com_8443/web-cert.pub')).toBe(0o600);
    expect(await readdir(join(path, 'jit.example.com_8443'))).toEqual(['web-cert.pub']);
  });

  it.each(['../../../.ssh/id_ed25519', '../id_ed25519', '/etc/x', 'a/b', '.', ''])(
    'is not written for %j, which is no name of a target',
    async (target) => {
      const place = { ...PLACE, target };
      const refusal = { code: 'failed', message: expect.stringContaining('is no name of a target') };
      await expect(open().writeCertificate(place, CERTIFICATE)).rejects.toMatchObject(refusal);
      await expect(open().findEnd(place)).rejects.toMatchObject(refusal);
      expect(() => open().certificatePath(place)).toThrow('is no name of a target');
      expect(await readdir(root)).toEqual([]);
    },
  );

  it('stays in the folder whatever the server is called', () => {
    expect(open().certificatePath({ ...PLACE, server: 'https://../' })).toBe(join(path, '_', 'web-cert.pub'));
  });

  it('says until when it is good', async () => {
    const folder = open();
    expect(await folder.findEnd(PLACE)).toBeNull();
    const { certificates } = openTestSshConnector();
    const line = await certificates?.sign({
      grantId: 'gr_01',
      holder: 'dev',
      scopes: ['prod:db.read'],
      publicKey: PUBLIC_KEY,
      address: '192.0.2.7',
      at: 1_000_000,
      expiresAt: 9_000_000,
    });
    await folder.writeCertificate(PLACE, { ...CERTIFICATE, line: line?.certificate ?? '' });
    expect(await folder.findEnd(PLACE)).toBe(1_120_000);
    for (const broken of ['', 'ssh-ed25519-cert-v01@openssh.com AAAA', 'x AAAA//////8=']) {
      await folder.writeCertificate(PLACE, { ...CERTIFICATE, line: broken });
      expect(await folder.findEnd(PLACE)).toBeNull();
    }
  });

  it('is `failed` with the path where it cannot be written', async () => {
    await writeFile(path, 'a file where the folder should be');
    await expect(open().writeCertificate(PLACE, CERTIFICATE)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining(path),
    });
  });
});
