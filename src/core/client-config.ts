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
};

export const EMPTY_CLIENT_CONFIG: ClientConfig = { profiles: {} };
