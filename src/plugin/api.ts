import type { Credential } from '../core/credential.ts';
import type { BackendMethods } from '../core/ports/backend.ts';
import type { ChannelMessage, Delivered } from '../core/ports/channel.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Connector, Handle, IssueOrder, LiveCredential, Removal } from '../core/ports/connector.ts';
import type { Outgoing } from '../core/ports/outgoing.ts';
import type { Secret } from '../core/secret.ts';
import type { Instant } from '../core/time.ts';
import type { ChannelUnderTest } from '../testing/channel.ts';
import type { TargetSession } from '../testing/connector.ts';

/** Of this program. Before the point: what old plugins cannot work with. After it: what was added. */
export const PLUGIN_API = '1.0';

/**
 * What a setting is: `?` where it may be left out. A `secret` arrives as a `Secret`, a `duration` in seconds; an `address` is
 * one of https, or of plain http on loopback.
 */
export type SettingKind =
  `${'text' | 'secret' | 'address' | 'number' | 'boolean' | 'duration' | 'list'}${'' | '?'}`;
export type SettingKinds = Readonly<Record<string, SettingKind>>;
/** As its kind says; the plugin knows which is which. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * Some or all methods of a backend; what is left out is `not_offered`. Each answer must come within the times in the
 * profile, and be about what was asked. What a method throws that is no error of jit's is `failed`.
 */
export type PluginBackend = Partial<BackendMethods> & {
  /** Before jit leaves. */
  readonly close?: () => Promise<void>;
};

export type BackendPlugin = {
  readonly settings?: SettingKinds;
  open(parts: {
    readonly settings: Settings;
    readonly clock: Clock;
    /** Of the profile, in the configuration of whoever uses it. */
    readonly profile: string;
  }): PluginBackend | Promise<PluginBackend>;
};

export type ConnectorTarget = {
  readonly name: string;
  readonly audience: string;
  readonly settings: Settings;
};

/** What `jit plugin check` needs to try a connector; the settings may be given on the command line instead. */
export type ConnectorCheck = {
  /** As they would stand in `jit.yaml`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Scopes that it can issue. */
  readonly scopes: readonly string[];
  /** Logs in at the target as the holder would, where the credential is a login. MUST reject when the target refuses. */
  readonly login?: (credential: Credential) => Promise<TargetSession>;
  /** Removes what was there for the check alone. */
  readonly close?: () => Promise<void>;
};

export type ConnectorPluginParts = {
  readonly clock: Clock;
  /** Eight characters of `[a-z0-9]`, in every name that is made: `nameGrant` takes it. */
  readonly installation: string;
  /**
   * A secret of the target's own, under a name that no other target uses: the first caller's `make` wins, for every
   * replica and for ever. It rests sealed in the server's store.
   */
  readonly readSecret: (name: string, make: () => Secret) => Promise<Secret>;
};

type Aborted = { readonly signal: AbortSignal };

/**
 * What of a `Connector` is the plugin's own; what may be left out has an answer that is right where there is nothing to
 * do. `signal` is aborted at the deadline; whatever a method rejects with is `target_failed`.
 */
export type PluginConnector = Pick<Connector, 'certificates'> & {
  /** Left out, names are those of `nameGrant`, and the other methods are never called with others. */
  plan?(grantId: string): Handle;
  issue(order: IssueOrder & Aborted): Promise<Credential>;
  probe(credential: Credential, deadlineAt: Instant, signal: AbortSignal): Promise<void>;
  /** Left out where the credential has no end of its own. */
  extend?(order: IssueOrder & Aborted): Promise<void>;
  remove(
    handle: Handle,
    options: Aborted & { readonly scopes: readonly string[]; readonly deadlineAt: Instant },
  ): Promise<Removal>;
  list(deadlineAt: Instant, signal: AbortSignal): Promise<readonly LiveCredential[]>;
  /** Left out where the target cannot tell. */
  activity?(handle: Handle, deadlineAt: Instant, signal: AbortSignal): Promise<Instant | null>;
  close?(): Promise<void>;
};

export type ConnectorPlugin = {
  /** What is written as `kind` of a target. */
  readonly kind: string;
  readonly settings?: SettingKinds;
  open(target: ConnectorTarget, parts: ConnectorPluginParts): PluginConnector;
  readonly check?: ConnectorCheck;
};

export type ChannelPluginParts = {
  readonly name: string;
  readonly settings: Settings;
  readonly clock: Clock;
  /** `fetch` for the addresses in the settings and for no others: no redirects, nothing private that is not allowed (INP-02). */
  readonly call: Outgoing;
};

/** What of a `Channel` is the plugin's own. */
export type PluginChannel = {
  /**
   * MUST resolve only when the other side accepted; whatever it rejects with, the notice is sent again. `signal` is aborted
   * at the deadline, and when the server stops. Nothing need be resolved with: a `reference` comes back with later
   * notices of the same request.
   */
  deliver(
    message: ChannelMessage,
    options: { readonly deadlineAt: Instant; readonly signal: AbortSignal },
  ): Promise<Delivered | undefined>;
  /** Lets go of everything. The server waits 2 s for it. */
  close?(): Promise<void>;
};

/** The other side of a channel, for `jit plugin check`; `settings` lead there. */
export type ChannelCheck = Pick<ChannelUnderTest, 'received' | 'refuse' | 'hang' | 'close'> & {
  /** As they would stand in `jit.yaml`. */
  readonly settings: Readonly<Record<string, unknown>>;
};

export type ChannelPlugin = {
  /** What it is called among `channels` in `jit.yaml`, and where people are told on which channel. */
  readonly name: string;
  readonly settings?: SettingKinds;
  open(parts: ChannelPluginParts): PluginChannel;
  readonly check?: () => Promise<ChannelCheck>;
};

export type PluginDefinition = {
  /** For people. */
  readonly name: string;
  /** The plugin API that it is written for: `^1.0` is 1.0 and what comes after it, before 2. */
  readonly api: string;
  readonly backend?: BackendPlugin;
  readonly connector?: ConnectorPlugin;
  readonly channel?: ChannelPlugin;
};

/** A plugin: what a package exports as `plugin`. Gives back what it was given, with its types checked. */
export function definePlugin<const P extends PluginDefinition>(plugin: P): P {
  return plugin;
}

/** Is this API within the range? `1.2`, `^1.2` and `1` are ranges; so is nothing else. */
export function isApiOffered(range: string, offered: string = PLUGIN_API): boolean {
  const wanted = /^\^?(\d+)(?:\.(\d+))?$/.exec(range);
  const [major, minor] = offered.split('.').map(Number);
  if (!wanted) return false;
  return Number(wanted[1]) === major && Number(wanted[2] ?? 0) <= (minor ?? 0);
}
