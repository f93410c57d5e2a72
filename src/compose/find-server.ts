import { requireSecureUrl } from '../adapters/oauth/secure-url.ts';
import type { ProfileChoice } from '../cli/world.ts';
import type { BackendChoice, ClientConfig } from '../core/client-config.ts';
import { fail } from '../core/errors.ts';

export type ServerSettings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readConfig: () => Promise<ClientConfig>;
};

/**
 * Which server: the address that was typed, the profile that was named, the default profile, JIT_SERVER, in this
 * order. The answer is an origin, on https or on loopback, or what a profile with another backend is filed under.
 */
export async function findServer(settings: ServerSettings, choice: ProfileChoice): Promise<string> {
  const address = choice.server ?? (await findConfigured(settings, choice.profile));
  if (address !== undefined && (await findBackend(settings, address))) return address;
  if (address === undefined || address === '') throw fail('no_server', {});
  const url = requireSecureUrl(/^[a-z]+:\/\//i.test(address) ? address : `https://${address}`);
  return url.origin;
}

/** The address in JIT_SERVER where a profile that nobody named wins over it: whoever set it meant another server. */
export function findIgnored(
  environment: ServerSettings['environment'],
  { choice, server }: { readonly choice: ProfileChoice; readonly server: string },
): string | undefined {
  const named = environment.JIT_SERVER ?? '';
  if (named === '' || choice.profile !== undefined || choice.server !== undefined) return undefined;
  const address = /^[a-z]+:\/\//i.test(named) ? named : `https://${named}`;
  return named === server || URL.parse(address)?.origin === server ? undefined : named;
}

/** What is behind the address that `findServer` found, where that is not a jit server. */
export async function findBackend(
  { readConfig }: Pick<ServerSettings, 'readConfig'>,
  server: string,
): Promise<BackendChoice | undefined> {
  const { profiles } = await readConfig();
  return Object.values(profiles).find((profile) => profile.server === server)?.backend;
}

async function findConfigured(
  settings: ServerSettings,
  profile: string | undefined,
): Promise<string | undefined> {
  const config = await settings.readConfig();
  const name = profile ?? config.defaultProfile;
  const named = name === undefined ? undefined : config.profiles[name];
  if (profile !== undefined && !named) throw fail('usage', { why: `there is no profile "${profile}"` });
  return named?.server ?? settings.environment.JIT_SERVER;
}
