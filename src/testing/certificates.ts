import { equal, notEqual, ok, rejects } from 'node:assert/strict';
import type {
  CertificateAuthority,
  CertificateOrder,
  SignedCertificate,
} from '../core/ports/certificates.ts';
import type { Scope } from '../core/scope.ts';
import type { SuiteRunner } from './suite.ts';

export type CertificateSubject = {
  readonly authority: CertificateAuthority;
  /** Scopes that it signs for. */
  readonly scopes: readonly Scope[];
  /** One that it knows nothing of. */
  readonly unknownScope: Scope;
  readonly close?: () => Promise<void>;
};

const AT = Date.parse('2026-11-21T14:00:00Z');
const LONGEST_MS = 120_000;
const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`;

type World = CertificateSubject & {
  readonly sign: (changes?: Partial<CertificateOrder>) => Promise<SignedCertificate>;
};

/** What the certificates of every `Connector` are that signs any. */
export function certificateSuite(
  { test }: SuiteRunner,
  open: () => Promise<CertificateSubject> | CertificateSubject,
): void {
  const given = (name: string, body: (world: World) => Promise<void>): void =>
    test(name, async () => {
      const subject = await open();
      await body(createWorld(subject)).finally(() => subject.close?.());
    });

  given('a certificate ends by itself, two minutes after it was asked for at most', async (world) => {
    const { authority, sign } = world;
    ok(authority.lifetimeMs > 0 && authority.lifetimeMs <= LONGEST_MS, `${authority.lifetimeMs} ms`);
    const { validAfterAt, validBeforeAt } = await sign();
    ok(validAfterAt <= AT && validBeforeAt > AT, 'it is not good when it was asked for');
    ok(validBeforeAt <= AT + authority.lifetimeMs, 'it is good for longer than it may be');
  });

  given('TOK-04: a certificate is never good beyond its grant', async ({ sign }) => {
    ok((await sign({ expiresAt: AT + 5_000 })).validBeforeAt <= AT + 5_000);
  });

  given('a certificate says who one is, and is refused where nobody is known', async (world) => {
    ok((await world.sign()).principals.length > 0, 'it names nobody');
    await rejects(world.sign({ scopes: [world.unknownScope] }), { code: 'target_failed' });
    await rejects(world.sign({ scopes: [] }), { code: 'target_failed' });
  });

  given('a certificate names its grant, and no two are alike', async ({ sign }) => {
    const [first, second] = await Promise.all([sign(), sign()]);
    ok(first.keyId.includes('gr_01'), first.keyId);
    notEqual(first.serial, second.serial);
    notEqual(first.certificate, second.certificate);
  });

  given('the authority is one line, the same every time', async ({ authority }) => {
    const line = await authority.readAuthority();
    ok(/^[^\r\n]+$/.test(line), line);
    equal(await authority.readAuthority(), line);
  });
}

function createWorld(subject: CertificateSubject): World {
  return {
    ...subject,
    sign: (changes = {}) =>
      subject.authority.sign({
        grantId: 'gr_01',
        holder: 'dev',
        scopes: subject.scopes,
        publicKey: KEY,
        address: '192.0.2.7',
        at: AT,
        expiresAt: AT + 600_000,
        ...changes,
      }),
  };
}
