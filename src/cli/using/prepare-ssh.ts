import { JitError } from '../../core/errors.ts';
import type { HeldGrant } from '../../core/ports/local-state.ts';
import type { ProfileChoice, World } from '../world.ts';
import { takesCertificates } from './target-kind.ts';

/**
 * Has a certificate made before a command runs that will need one at once, where one connects to the grant's target by
 * ssh: inside, nobody can be asked for a keychain's passphrase any more. Where that fails, ssh says why when it connects.
 */
export async function prepareSsh(world: World, held: HeldGrant, choice: ProfileChoice): Promise<void> {
  const { scopes, target } = held.view;
  const state = await world.state.read();
  if (!takesCertificates(state, { server: held.server, target })) return;
  try {
    const ssh = await world.openSsh(choice);
    await ssh.certify({ target, scope: scopes[0] });
  } catch (error) {
    if (!(error instanceof JitError)) throw error;
  }
}
