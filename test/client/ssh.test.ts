import { describe, expect, it } from 'vitest';
import { keep } from '../../src/client/held.ts';
import { createSsh, type Ssh, type SshParts } from '../../src/client/ssh.ts';
import { fail } from '../../src/core/errors.ts';
import { createTestParts, NOW, SERVER } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildGrantView, MINUTE_MS } from '../support/fakes/fake-backend.ts';

type Scene = { readonly ssh: Ssh; readonly signed: string[]; readonly written: string[] };

/** A machine that holds grants, each for a scope and so many minutes, on the target `web`. */
async function holding(
  grants: Readonly<Record<string, readonly [scope: string, minutes: number]>>,
  { endsAt = null, ...desk }: Partial<SshParts['desk']> & { readonly endsAt?: number | null } = {},
): Promise<Scene> {
  const parts = createTestParts();
  for (const [id, [scope, minutes]] of Object.entries(grants)) {
    const view = { id, target: 'web', scopes: [scope], expiresAt: NOW + minutes * MINUTE_MS };
    await keep(parts, buildClaimed({ grant: buildGrantView(view) }));
  }
  const [signed, written]: [string[], string[]] = [[], []];
  const ssh = createSsh({
    ...parts,
    desk: {
      listTargets: async () => [{ name: 'web', host: 'web.example.com', port: 22 }],
      sign: async (id, publicKey) => {
        signed.push(`${id} ${publicKey}`);
        return { line: `certificate for ${id}`, validBeforeAt: NOW + 2 * MINUTE_MS };
      },
      ...desk,
    },
    folder: {
      keyPath: '/state/key',
      certificatePath: ({ server, target }) => `/state/${new URL(server).host}/${target}`,
      readPublicKey: async () => 'ssh-ed25519 AAAA',
      findEnd: async () => endsAt,
      writeCertificate: async ({ server, target }, { line }) => {
        written.push(`${target} at ${server}: ${line}`);
      },
    },
  });
  return { ssh, signed, written };
}

describe('a certificate for a connection', () => {
  it('is for the grant that is held here, and lies where ssh looks', async () => {
    const { ssh, signed, written } = await holding({ gr_1: ['prod:ssh.ops', 10] });
    expect(await ssh.certify({ target: 'web', scope: undefined })).toMatchObject({
      held: { view: { id: 'gr_1' } },
      certificatePath: '/state/jit.example.com/web',
      keyPath: '/state/key',
    });
    expect(signed).toEqual(['gr_1 ssh-ed25519 AAAA']);
    expect(written).toEqual([`web at ${SERVER}: certificate for gr_1`]);
  });

  it('is, of several grants, for the one that ends last, or that has the scope', async () => {
    const { ssh, signed } = await holding({
      gr_1: ['prod:ssh.ops', 10],
      gr_2: ['prod:ssh.root', 30],
      gr_3: ['prod:ssh.deploy', 20],
    });
    await ssh.certify({ target: 'web', scope: undefined });
    await ssh.certify({ target: 'web', scope: 'prod:ssh.deploy' });
    expect(signed.map((line) => line.split(' ')[0])).toEqual(['gr_2', 'gr_3']);
  });

  it('is asked of nobody where no grant on the target is held', async () => {
    const { ssh, signed } = await holding({ gr_1: ['prod:ssh.ops', 10], gr_2: ['prod:ssh.ops', -1] });
    await expect(ssh.certify({ target: 'db', scope: undefined })).rejects.toMatchObject({ code: 'no_grant' });
    await expect(ssh.certify({ target: 'web', scope: 'prod:ssh.root' })).rejects.toMatchObject({
      code: 'no_grant',
    });
    expect(signed).toEqual([]);
  });

  it('is not written where the server signs none', async () => {
    const sign = () => Promise.reject(fail('no_grant', { why: 'gr_1 has ended (revoked)' }));
    const { ssh, written } = await holding({ gr_1: ['prod:ssh.ops', 10] }, { sign });
    await expect(ssh.certify({ target: 'web', scope: undefined })).rejects.toMatchObject({
      code: 'no_grant',
    });
    expect(written).toEqual([]);
  });
});

describe('where only a person could open the keychain', () => {
  const sign = () => Promise.reject(fail('passphrase_needed', { why: 'there is no terminal to ask on' }));
  const wanted = { target: 'web', scope: undefined };

  it('the certificate of a moment ago will do', async () => {
    const { ssh, written } = await holding({ gr_1: ['prod:ssh.ops', 10] }, { sign, endsAt: NOW + MINUTE_MS });
    expect((await ssh.certify(wanted)).validBeforeAt).toBe(NOW + MINUTE_MS);
    expect(written).toEqual([]);
  });

  it.each([null, NOW - 1, NOW + 10_000])('one that ends at %s will not', async (endsAt) => {
    const { ssh } = await holding({ gr_1: ['prod:ssh.ops', 10] }, { sign, endsAt });
    await expect(ssh.certify(wanted)).rejects.toMatchObject({ code: 'passphrase_needed' });
  });

  it('none will after the grant has ended here', async () => {
    const { ssh } = await holding({ gr_1: ['prod:ssh.ops', -1] }, { sign, endsAt: NOW + MINUTE_MS });
    await expect(ssh.certify(wanted)).rejects.toMatchObject({ code: 'no_grant' });
  });

  it('and for no other reason: whoever was refused gets nothing that lies around', async () => {
    const refused = () => Promise.reject(fail('no_grant', { why: 'gr_1 has ended (revoked)' }));
    const desk = { sign: refused, endsAt: NOW + MINUTE_MS };
    const { ssh } = await holding({ gr_1: ['prod:ssh.ops', 10] }, desk);
    await expect(ssh.certify(wanted)).rejects.toMatchObject({ code: 'no_grant' });
  });
});

describe('the hosts', () => {
  it('are the server’s, with the files of this machine', async () => {
    const { ssh } = await holding({});
    expect(await ssh.listHosts()).toEqual([
      {
        name: 'web',
        host: 'web.example.com',
        port: 22,
        keyPath: '/state/key',
        certificatePath: '/state/jit.example.com/web',
      },
    ]);
  });
});
