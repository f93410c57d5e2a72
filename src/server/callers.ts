import type { IncomingMessage } from 'node:http';
import type { ApiParts } from './api/context.ts';
import {
  type Authenticated,
  type AuthenticationOptions,
  createAuthenticate,
  createSessionCheck,
  createSessionReader,
} from './authenticate.ts';
import type { ReadAddress } from './http/address.ts';
import { noteSubject } from './http/request-context.ts';

/** Who calls `/v1`, proved, and from where. */
export function createCallers(
  options: AuthenticationOptions & { readonly readAddress: ReadAddress },
): Pick<ApiParts, 'authenticate' | 'authenticateAgain' | 'isStillLoggedIn'> {
  const { readAddress } = options;
  const isSessionThere = createSessionCheck(options);
  const callers = new WeakMap<IncomingMessage, Authenticated>();
  const prove = createAuthenticate(options);
  const readSession = createSessionReader(options);
  return {
    authenticate: async (c) => {
      const caller = await prove({
        method: c.req.method,
        target: c.env.incoming.url ?? '',
        authorization: c.req.header('authorization'),
        proof: c.req.header('dpop'),
      });
      callers.set(c.env.incoming, caller);
      noteSubject(caller.principal.subject);
      const { principal, login, keyThumbprint } = caller;
      return { principal, login, keyThumbprint, ip: readAddress(c.env.incoming) };
    },
    isStillLoggedIn: async (c) => {
      const caller = callers.get(c.env.incoming);
      return caller !== undefined && isSessionThere(caller);
    },
    authenticateAgain: async (c) => {
      const session = await readSession(c.req.header('authorization'));
      return session && { ...session, ip: readAddress(c.env.incoming) };
    },
  };
}
