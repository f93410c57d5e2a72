import { createOidcBackend } from '../adapters/backends/oidc/backend.ts';
import { createIds } from '../adapters/ids.ts';
import { createHttp } from '../adapters/oauth/http.ts';
import { createProviderAuthorization } from '../adapters/oauth/provider/login.ts';
import { createProvider } from '../adapters/oauth/provider/provider.ts';
import { listHeld, readHeld } from '../client/held.ts';
import type { ClientParts } from '../client/parts.ts';
import { createSessionSource } from '../client/session.ts';
import type { OidcChoice } from '../core/client-config.ts';
import type { Http } from '../core/ports/http.ts';
import type { ProviderPrompt } from '../core/ports/provider.ts';
import type { GrantView } from '../core/view.ts';
import type { Online } from './online.ts';

export type ProviderOnlineOptions = Pick<ClientParts, 'server' | 'keychain' | 'lock' | 'clock' | 'state'> & {
  readonly choice: OidcChoice;
  readonly tell: (line: string) => void;
  /** In the browser on this machine, where that is how somebody logged in. */
  readonly openPage: (address: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly http?: Http | undefined;
};

/** An OAuth provider in the place of a server. */
export function goOnlineAtProvider(options: ProviderOnlineOptions): Online {
  const { choice, server, keychain, lock, clock, signal, http = createHttp() } = options;
  const parts = {
    issuer: choice.issuer,
    clientId: choice.clientId,
    address: server,
    clock,
    http,
  };
  const authorization = createProviderAuthorization({ ...parts, clientId: choice.loginClientId });
  const sessions = createSessionSource({
    server,
    issuer: choice.issuer,
    keychain,
    lock,
    authorization,
    clock,
  });
  const backend = createOidcBackend({
    choice,
    provider: createProvider(parts),
    session: sessions,
    clock,
    ids: createIds(clock),
    signal,
    show: (prompt) => show(options, prompt),
    listGrants: async () => (await listHeld(options)).map(({ view }) => view),
    readToken: (grant) => readToken(options, grant),
  });
  return { backend, sessions, authorization };
}

function show(
  { tell, openPage }: Pick<ProviderOnlineOptions, 'tell' | 'openPage'>,
  prompt: ProviderPrompt,
): void {
  if (prompt.kind === 'browser') {
    tell('  Confirm this at the provider, in a browser on this computer:');
    tell(`  ${prompt.address}`);
    openPage(prompt.address);
    return;
  }
  tell('  Confirm this at the provider:');
  tell(`  code     ${prompt.userCode}`);
  tell(`  address  ${prompt.verificationUriComplete ?? prompt.verificationUri}`);
}

async function readToken(options: ProviderOnlineOptions, grant: GrantView) {
  const held = (await listHeld(options)).find(({ view }) => view.id === grant.id);
  return held && (await readHeld(options, held))?.token;
}
