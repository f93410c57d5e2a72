/** How long a plugin is waited for: for one answer, and where it is to wait for something itself. */
export type PluginPatience = { readonly timeoutSeconds: number; readonly followSeconds: number };

/** A program that decides and grants, spoken to over its stdin and stdout. */
export type ExecChoice = PluginPatience & {
  readonly kind: 'exec';
  /** A path, or a name to be found on PATH. A relative path begins at the configuration's folder. */
  readonly command: string;
  readonly args: readonly string[];
  /** Of the command's file, in lower-case hexadecimal; null: whatever it is. */
  readonly sha256: string | null;
  /** Names of variables that it is given besides PATH, HOME, LANG and TZ. */
  readonly environment: readonly string[];
};

/** A package with a plugin in it, found from the configuration's folder. */
export type NpmChoice = PluginPatience & {
  readonly kind: 'npm';
  readonly package: string;
  readonly settings: Readonly<Record<string, unknown>>;
};

/** An OAuth provider alone: each scope is asked for at the provider itself. */
export type OidcChoice = {
  readonly kind: 'oidc';
  readonly issuer: string;
  readonly clientId: string;
  /** That logs in: where it is another one, giving a grant back leaves the login alone at every provider. */
  readonly loginClientId: string;
  /** The type of the `authorization_details` (RFC 9396) that the provider has for this; null: none. */
  readonly detailsType: string | null;
  readonly scopes: readonly OidcScope[];
  readonly targets: readonly OidcTarget[];
};

export type OidcScope = {
  readonly name: string;
  readonly description: string;
  readonly targets: readonly string[];
  /** Asked for where nobody says for how long. The provider decides how long it is. */
  readonly usualSeconds: number;
};

export type OidcTarget = {
  readonly name: string;
  /** Sent as `resource` (RFC 8707); null: not sent. */
  readonly resource: string | null;
  /** Its tokens are bound to the session's key (RFC 9449). */
  readonly isBound: boolean;
};

/** A plugin, in one of its two shapes. */
export type PluginChoice = ExecChoice | NpmChoice;

/** What decides and grants where that is not a jit server. */
export type BackendChoice = PluginChoice | OidcChoice;

/** One server, or what there is in place of one, as this machine knows it. */
export type ClientProfile = {
  /** Its address, an origin: no path. `plugin://<profile>` where it has none. */
  readonly server: string;
  /** A jit server where nothing is said. */
  readonly backend?: BackendChoice;
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

/** A profile, from now on of this jit server: what else it was of is forgotten, and where its secrets rest is not. */
export function useServer(known: ClientProfile | undefined, server: string): ClientProfile {
  return { server, ...(known?.keychain === undefined ? {} : { keychain: known.keychain }) };
}

export const EMPTY_CLIENT_CONFIG: ClientConfig = { profiles: {} };
