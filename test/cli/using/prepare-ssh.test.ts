import { describe, expect, it } from 'vitest';
import { prepareSsh } from '../../../src/cli/using/prepare-ssh.ts';
import type { Ssh } from '../../../src/client/ssh.ts';
import { fail } from '../../../src/core/errors.ts';
import type { ScopeView } from '../../../src/core/view.ts';
import { createTestWorld } from '../../support/fakes/cli-world.ts';
import { SERVER } from '../../support/fakes/client-parts.ts';
import { buildGrantView } from '../../support/fakes/fake-backend.ts';

type Target = ScopeView['targets'][number];
const HELD = { server: SERVER, account: 'web', view: buildGrantView({ target: 'web' }) };

function describeScope(target: Partial<Target>): ScopeView {
  return {
    name: 'prod:db.read',
    description: '',
    sensitivity: 'low',
    defaultSeconds: 600,
    maxSeconds: 600,
    targets: [{ name: 'web', kind: 'postgres', outcome: 'automatic', canApprove: [], ...target }],
    minimumReasonLength: 0,
    needsTicket: false,
  };
}

/** The certificates that were asked for before a command runs on a target that the catalogue describes so. */
async function listCertified(target: Partial<Target>, certify = async () => {}): Promise<readonly unknown[]> {
  const world = createTestWorld();
  const known = { name: 'dev', asOf: 0, scopes: [describeScope(target)] };
  await world.state.update((state) => ({ ...state, servers: { [SERVER]: known } }));
  const certified: unknown[] = [];
  const openSsh = async () => ({
    certify: async (wanted: unknown) => {
      certified.push(wanted);
      await certify();
    },
  });
  await prepareSsh({ ...world, openSsh: openSsh as unknown as () => Promise<Ssh> }, HELD, {});
  return certified;
}

describe('before a command runs under jit exec, a certificate is made', () => {
  it.each<[string, Partial<Target>]>([
    ['takes certificates, of whatever kind it is', { kind: 'bastion', takesCertificates: true }],
    ['is of the kind that does, where the server says nothing of it', { kind: 'ssh' }],
  ])('for a target that %s', async (_, target) => {
    expect(await listCertified(target)).toEqual([{ target: 'web', scope: 'prod:db.read' }]);
  });

  it.each<[string, Partial<Target>]>([
    ['takes none', { kind: 'postgres' }],
    ['takes none, of whatever kind it is', { kind: 'ssh', takesCertificates: false }],
    ['nobody has heard of', { name: 'another', kind: 'ssh' }],
  ])('and none for a target that %s', async (_, target) => {
    expect(await listCertified(target)).toEqual([]);
  });

  it('and where that fails, ssh says why when it connects', async () => {
    const refuse = () => Promise.reject(fail('no_grant', { why: 'it has ended' }));
    expect(await listCertified({ kind: 'ssh' }, refuse)).toHaveLength(1);
  });
});
