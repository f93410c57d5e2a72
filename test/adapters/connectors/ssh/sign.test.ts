import { describe, expect, it } from 'vitest';
import type { CertificateAuthority, CertificateOrder } from '../../../../src/core/ports/certificates.ts';
import { readCertificate } from '../../../support/ssh/certificate.ts';
import { openTestSshConnector, PUBLIC_KEY } from '../../../support/ssh/connector.ts';

const AT = Date.parse('2026-11-21T14:00:00Z');
const order: CertificateOrder = {
  grantId: 'gr_01',
  holder: 'dev',
  scopes: ['prod:db.read'],
  publicKey: PUBLIC_KEY,
  address: '192.0.2.7',
  at: AT,
  expiresAt: AT + 600_000,
};

function open(changes: Parameters<typeof openTestSshConnector>[0] = {}): CertificateAuthority {
  const { certificates } = openTestSshConnector(changes);
  if (!certificates) throw new Error('the connector signs nothing');
  return certificates;
}

async function sign(changes: Partial<CertificateOrder> = {}, authority = open()) {
  const signed = await authority.sign({ ...order, ...changes });
  return { signed, read: readCertificate(signed.certificate) };
}

describe('what is signed for a grant', () => {
  it('is good for two minutes from the moment it was asked for, and half a minute of slow clocks', async () => {
    const { read } = await sign();
    expect(read.validBefore).toBe(AT / 1000 + 120);
    expect(read.validAfter).toBe(AT / 1000 - 30);
  });

  it('TOK-04: is never good beyond the grant', async () => {
    expect((await sign({ expiresAt: AT + 45_500 })).read.validBefore).toBe(AT / 1000 + 45);
  });

  it('TOK-04: names the principals of its scopes and no others', async () => {
    expect((await sign()).read.principals).toEqual(['reader', 'ops']);
    const both = await sign({ scopes: ['prod:db.read', 'prod:db.write'] });
    expect(both.read.principals).toEqual(['reader', 'ops', 'writer']);
  });

  it('is refused without a principal: such a certificate would open every account', async () => {
    await expect(sign({ scopes: ['prod:else.read'] })).rejects.toMatchObject({ code: 'target_failed' });
  });

  it('is for the key that was sent, and names grant and person for the target’s log', async () => {
    const { read, signed } = await sign({ holder: 'Zoë\n"x" <z@example.com>' });
    expect(Buffer.from(PUBLIC_KEY.split(' ')[1] ?? '', 'base64').subarray(-32)).toEqual(
      Buffer.from(read.publicKey, 'base64'),
    );
    expect(read.keyId).toBe('gr_01 Zo___x___z@example.com_');
    expect(signed.serial).toBe(String(read.serial));
  });

  it('has a serial that nobody can guess', async () => {
    const serials = await Promise.all([1, 2, 3].map(async () => (await sign()).read.serial));
    expect(new Set(serials).size).toBe(3);
  });

  it('is bound to the address where the target wants that, and refused where none was seen', async () => {
    const bound = open({ isBoundToAddress: true });
    const { read } = await sign({}, bound);
    expect([...read.criticalOptions]).toEqual([['source-address', '192.0.2.7']]);
    for (const address of ['', 'unknown', '192.0.2.7/0', 'fe80::1%eth0'])
      await expect(sign({ address }, bound)).rejects.toMatchObject({ code: 'target_failed' });
  });
});

describe('the authority of a target', () => {
  it('is one line for sshd, the same every time, and another for each target', async () => {
    const shelf = new Map();
    const readSecret: Parameters<typeof openTestSshConnector>[0] = {
      readSecret: async (name, make) => {
        if (!shelf.has(name)) shelf.set(name, make());
        return shelf.get(name);
      },
    };
    const line = await open(readSecret).readAuthority();
    expect(line).toMatch(/^ssh-ed25519 AAAA[A-Za-z0-9+/]+ jit-orders$/);
    expect(await open(readSecret).readAuthority()).toBe(line);
    expect(await open({ ...readSecret, name: 'billing' }).readAuthority()).not.toBe(line);
  });
});
