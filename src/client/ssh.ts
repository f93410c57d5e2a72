import { fail, hasCode } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import type { CertificateDesk, CertificatePlace, SshFolder, SshTarget } from '../core/ports/ssh.ts';
import { type Instant, SECOND_MS } from '../core/time.ts';
import { findFitting, type Wanted } from './exec.ts';
import type { ClientParts } from './parts.ts';

/** As long as connecting may take. */
const ENOUGH_MS = 10 * SECOND_MS;

export type SshParts = Pick<ClientParts, 'server' | 'state' | 'clock'> & {
  readonly desk: CertificateDesk;
  readonly folder: SshFolder;
};

/** A target as ssh_config is to know it. */
export type SshHost = SshTarget & { readonly certificatePath: string; readonly keyPath: string };

export type Certified = {
  readonly held: HeldGrant;
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly validBeforeAt: Instant;
};

/** What an engineer needs to connect by ssh: which hosts there are, and a certificate for the next connection. */
export function createSsh(parts: SshParts) {
  return {
    listHosts: () => listHosts(parts),
    certify: (wanted: Wanted & { readonly target: string }) => certify(parts, wanted),
  } as const;
}

export type Ssh = ReturnType<typeof createSsh>;

async function listHosts({ desk, folder, server }: SshParts): Promise<readonly SshHost[]> {
  const targets = await desk.listTargets();
  return targets.map((target) => ({
    ...target,
    keyPath: folder.keyPath,
    certificatePath: folder.certificatePath({ server, target: target.name }),
  }));
}

/** Has a certificate made and puts it where ssh looks for it. Of several grants it is for the one that ends last. */
async function certify(parts: SshParts, wanted: Wanted & { readonly target: string }): Promise<Certified> {
  const { folder, server } = parts;
  const [held] = (await findFitting(parts, wanted)).toSorted((a, b) => b.view.expiresAt - a.view.expiresAt);
  if (!held) throw fail('no_grant', { why: `you hold no live grant on ${wanted.target}` });
  const place = { server, target: wanted.target };
  const validBeforeAt = await replaceCertificate(parts, { place, grantId: held.view.id });
  return { held, validBeforeAt, keyPath: folder.keyPath, certificatePath: folder.certificatePath(place) };
}

type Replacing = { readonly place: CertificatePlace; readonly grantId: string };

/**
 * Until when the certificate is good that lies there afterwards: a new one. The one of a moment ago will do where only a
 * person could open the keychain, and nobody can be asked.
 */
async function replaceCertificate(parts: SshParts, { place, grantId }: Replacing): Promise<Instant> {
  const { desk, folder, clock } = parts;
  try {
    const certificate = await desk.sign(grantId, await folder.readPublicKey());
    await folder.writeCertificate(place, certificate);
    return certificate.validBeforeAt;
  } catch (error) {
    const endsAt = hasCode(error, 'passphrase_needed') ? await folder.findEnd(place) : null;
    if (endsAt !== null && endsAt > clock.now() + ENOUGH_MS) return endsAt;
    throw error;
  }
}
