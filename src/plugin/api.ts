import type { Credential } from '../core/credential.ts';
import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { Channel } from '../core/ports/channel.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Connector } from '../core/ports/connector.ts';
import type { ChannelUnderTest } from '../testing/channel.ts';
import type { TargetSession } from '../testing/connector.ts';

/** Of this program. Before the point: what old plugins cannot work with. After it: what was added. */
export const PLUGIN_API = '1.0';

/** What a setting is: `?` where it may be left out. A `secret` arrives as a `Secret`, a `duration` in seconds. */
export type SettingKind = `${'text' | 'secret' | 'number' | 'boolean' | 'duration' | 'list'}${'' | '?'}`;
export type SettingKinds = Readonly<Record<string, SettingKind>>;
/** As its kind says; the plugin knows which is which. */
export type Settings = Readonly<Record<string, unknown>>;

/** Some or all methods of a backend; what is left out is `not_offered`. */
export type PluginBackend = Partial<Omit<ApprovalBackend, 'address'>> & {
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

export type ConnectorPlugin = {
  /** What is written as `kind` of a target. */
  readonly kind: string;
  readonly settings?: SettingKinds;
  open(
    target: ConnectorTarget,
    parts: { readonly clock: Clock; readonly installation: string },
  ): Omit<Connector, 'kind'>;
  readonly check?: ConnectorCheck;
};

export type ChannelPlugin = {
  readonly settings?: SettingKinds;
  open(parts: { readonly name: string; readonly settings: Settings; readonly clock: Clock }): Channel;
  /** A channel with its other side in the suite's hands. */
  readonly check?: () => Promise<ChannelUnderTest>;
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
