import { fail } from '../core/errors.ts';
import type { HeldGrant } from '../core/ports/local-state.ts';
import type { CertificateDesk, SshFolder, SshTarget } from '../core/ports/ssh.ts';
import type { Instant } from '../core/time.ts';
import { findFitting, type Wanted } from './exec.ts';
import type { ClientParts } from './parts.ts';

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
  const { desk, folder, server } = parts;
  const [held] = (await findFitting(parts, wanted)).toSorted((a, b) => b.view.expiresAt - a.view.expiresAt);
  if (!held) throw fail('no_grant', { why: `you hold no live grant on ${wanted.target}` });
  const certificate = await desk.sign(held.view.id, await folder.readPublicKey());
  const place = { server, target: wanted.target };
  await folder.writeCertificate(place, certificate);
  const { validBeforeAt } = certificate;
  return { held, validBeforeAt, keyPath: folder.keyPath, certificatePath: folder.certificatePath(place) };
}
