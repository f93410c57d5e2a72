import { basename, dirname, resolve } from 'node:path';
import type { ChannelKind } from '../../core/config/channel-kind.ts';
import type { Complaint } from '../../core/config/complaint.ts';
import type { ConnectorKind } from '../../core/config/connector-kind.ts';
import { decodeConfig, listSecretPaths } from '../../core/config/decode.ts';
import type { ServerConfig } from '../../core/config.ts';
import { fail, type JitError } from '../../core/errors.ts';
import { type ConfigDocument, type PlacedComplaint, parseConfigDocument } from './document.ts';
import { readConfigText } from './read-file.ts';

/** What plugins add to what a configuration may speak of. */
export type PluginKinds = {
  readonly kinds: readonly ConnectorKind[];
  readonly channelKinds: readonly ChannelKind[];
};

export type ReadOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The kinds of targets that there are. */
  readonly kinds: readonly ConnectorKind[];
  /** Loads those of the plugins that the configuration names, which are looked for in its folder. */
  readonly loadKinds?: (names: readonly string[], folder: string) => Promise<PluginKinds>;
  /** What is wrong with a configuration that is right by itself: what a server that runs cannot change to. */
  readonly judge?: ((config: ServerConfig) => Promise<readonly Complaint[]>) | undefined;
};

/**
 * The server's configuration. Everything that is wrong with it is `config_invalid` with file, line and key (INP-03).
 * `${NAME}` is taken from `environment`; relative paths are relative to the file.
 */
export async function readServerConfig(
  path: string,
  { environment, kinds: own, loadKinds, judge }: ReadOptions,
): Promise<ServerConfig> {
  const name = basename(path);
  const { text, readableByOthers } = await readConfigText(path, name);
  const document = parseConfigDocument(text, environment);
  if (document.complaints.length > 0) throw complain(name, document.complaints);
  const value = readValue(document, name);
  const added = await loadKinds?.(listPlugins(value), dirname(resolve(path)));
  const kinds = { kinds: [...own, ...(added?.kinds ?? [])], channelKinds: added?.channelKinds ?? [] };
  const decoded = decodeConfig(value, kinds);
  if (!decoded.ok) {
    const placed = decoded.complaints.map((complaint) => place(document, complaint));
    throw complain(name, placed);
  }
  if (readableByOthers) requireNothingInClear(listSecretPaths(decoded.config, kinds), { document, name });
  const config = resolvePaths(decoded.config, dirname(resolve(path)));
  const complaints = (await judge?.(config)) ?? [];
  if (complaints.length > 0)
    throw complain(
      name,
      complaints.map((complaint) => place(document, complaint)),
    );
  return config;
}

function readValue(document: ConfigDocument, name: string): unknown {
  try {
    return document.toValue();
  } catch (cause) {
    throw fail('config_invalid', { at: name, why: 'repeats too much of itself through aliases' }, cause);
  }
}

/** The names of plugins, before the rest can be read: which settings a target has is theirs to say. */
function listPlugins(value: unknown): readonly string[] {
  const named = typeof value === 'object' && value !== null && 'plugins' in value ? value.plugins : [];
  return Array.isArray(named) ? named.filter((name) => typeof name === 'string') : [];
}

function place(document: ConfigDocument, complaint: Omit<PlacedComplaint, 'line'>): PlacedComplaint {
  return { ...complaint, line: document.findLine(complaint.path) };
}

/** I5: a secret in a file that others may read is no secret. */
function requireNothingInClear(
  secretPaths: readonly (readonly string[])[],
  file: { readonly document: ConfigDocument; readonly name: string },
): void {
  const clear = secretPaths.filter((path) => file.document.isInClear(path));
  if (clear.length === 0) return;
  const why = 'stands here in the clear and others may read the file: use a variable, or chmod 600';
  throw complain(
    file.name,
    clear.map((path) => place(file.document, { path, why })),
  );
}

/** One error for all of them: the first in full, the others after it. */
function complain(name: string, complaints: readonly PlacedComplaint[]): JitError {
  const sorted = complaints.toSorted((left, right) => left.line - right.line);
  const [first, ...rest] = sorted.map((complaint) => ({
    at: `${name}:${complaint.line}${complaint.path.length > 0 ? ` ${complaint.path.join('.')}` : ''}`,
    why: complaint.why,
  }));
  const others = rest.map((complaint) => `; ${complaint.at}: ${complaint.why}`).join('');
  return fail('config_invalid', { at: first?.at ?? name, why: `${first?.why ?? 'is wrong'}${others}` });
}

function resolvePaths(config: ServerConfig, folder: string): ServerConfig {
  return {
    ...config,
    store: resolveStore(config.store, folder),
    policiesFolder: config.policiesFolder === null ? null : resolve(folder, config.policiesFolder),
  };
}

function resolveStore(store: ServerConfig['store'], folder: string): ServerConfig['store'] {
  return store.kind === 'sqlite' ? { ...store, path: resolve(folder, store.path) } : store;
}
