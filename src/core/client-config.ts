/** One server as this machine knows it. */
export type ClientProfile = {
  /** Its address, an origin: no path. */
  readonly server: string;
  /** Where secrets rest; the OS keychain where nothing is said. */
  readonly keychain?: 'os' | 'file';
};

/** The client's `config.toml`. */
export type ClientConfig = {
  /** The profile that needs no name; always one of `profiles`. */
  readonly defaultProfile?: string;
  readonly profiles: Readonly<Record<string, ClientProfile>>;
  /** False: nobody who looked away is called when something they waited for is there. */
  readonly notify?: boolean;
};

/** The profile that a server has, or would get: the default one where that is free, else one named by its host. */
export function nameProfile({ defaultProfile = 'default', profiles }: ClientConfig, server: string): string {
  const [named] = Object.entries(profiles).find(([, profile]) => profile.server === server) ?? [];
  if (named !== undefined) return named;
  return profiles[defaultProfile] ? new URL(server).host : defaultProfile;
}

export const EMPTY_CLIENT_CONFIG: ClientConfig = { profiles: {} };
