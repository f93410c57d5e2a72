import { fail } from '../core/errors.ts';
import type { Keychain, KeychainItem } from '../core/ports/keychain.ts';
import type { StoredSession } from '../core/ports/session.ts';
import { decodeSession, encodeSession } from '../core/wire/session.ts';

/** Where the session of one server rests; the address decides the item, the whole address must fit what is in it. */
export interface SessionItem {
  /** `login_needed` when there is none, `keychain_unreadable` when there is something else. */
  read(): Promise<StoredSession>;
  write(session: StoredSession): Promise<void>;
  /** True when there was one. */
  remove(): Promise<boolean>;
}

const ACCOUNT = 'session';

export function createSessionItem(options: {
  readonly server: string;
  readonly keychain: Keychain;
  readonly issuer?: string | undefined;
}): SessionItem {
  const { server, keychain, issuer } = options;
  const item: KeychainItem = { service: `jit ${new URL(server).host}`, account: ACCOUNT };
  return {
    read: async () => {
      const secret = await keychain.get(item);
      if (!secret) throw fail('login_needed', { server });
      const session = decodeSession(secret);
      if (!session) throw fail('keychain_unreadable', { item: ACCOUNT, why: 'it is not a session of jit' });
      // Another scheme on the same host is another server, as is another provider: its tokens are not for this one.
      if (session.server !== server || session.issuer !== issuer) throw fail('login_needed', { server });
      return session;
    },
    write: (session) => keychain.set({ ...item, secret: encodeSession(session), expiresAt: null }),
    remove: () => keychain.remove(item),
  };
}
