import { fail } from '../../core/errors.ts';
import type { Authorization, StoredSession } from '../../core/ports/session.ts';
import { runBrowserGrant } from './browser-grant.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { encodeDpopKey, generateDpopKey } from './dpop-key.ts';
import { raceInterrupt } from './interrupt.ts';
import { encodeDemand } from './login-demand.ts';
import { mapLoginError } from './map-error.ts';
import { decodeTokens } from './tokens.ts';

export type BrowserLoginOptions = Parameters<Authorization['browserLogin']>[0];

/** One login through a browser on this machine; the contract is `Authorization.browserLogin`. */
export async function loginWithBrowser(
  connecting: ConnectionOptions,
  login: BrowserLoginOptions,
): Promise<StoredSession> {
  try {
    return await raceInterrupt(runLogin(connecting, login), login.signal);
  } catch (error) {
    throw mapLoginError(error, connecting.server);
  }
}

async function runLogin(connecting: ConnectionOptions, login: BrowserLoginOptions): Promise<StoredSession> {
  const { server, clock } = connecting;
  const connection = await openConnection(connecting, login.signal);
  if (!connection.configuration.serverMetadata().authorization_endpoint)
    throw fail('login_not_offered', { server, way: 'browser' });
  const pair = await generateDpopKey(connection.client);
  return runBrowserGrant(connection, {
    clock,
    pair,
    parameters: {
      scope: 'openid offline_access',
      prompt: 'consent',
      jit_host: login.hostName,
      jit_purpose: login.purpose,
      ...encodeDemand(login.demand),
    },
    tokenParameters: {},
    show: login.show,
    signal: login.signal,
    requireCode: (callback) => requireCode(callback, server),
    finish: async (response) => {
      const rest = {
        server,
        name: '',
        way: { kind: 'browser' },
        dpopKey: await encodeDpopKey(pair),
      } as const;
      return decodeTokens(response, { rest, now: clock.now() });
    },
    pages: { good: 'logged_in', denied: 'denied', failed: 'failed' },
  });
}

/** The answer must be this server's (RFC 9207), and say yes. */
function requireCode({ searchParams }: URL, server: string): void {
  if (searchParams.get('iss') !== server)
    throw fail('bad_answer', { address: server, why: 'what the browser brought is from another issuer' });
  const error = searchParams.get('error');
  if (error === 'access_denied') throw fail('login_denied', {});
  if (error !== null) throw fail('failed', { why: `the server refused the login (${error.slice(0, 64)})` });
}
