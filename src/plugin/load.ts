import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail, JitError } from '../core/errors.ts';
import { isApiOffered, PLUGIN_API, type PluginDefinition } from './api.ts';

export type LoadOrder = {
  /** The name of a package, or the path of a module: `./…`, `../…` or `/…`. */
  readonly name: string;
  /** Where packages are looked for, and relative paths begin: the folder of the configuration that names it. */
  readonly folder: string;
  /** Where this program's own modules are, for plugins that import `jit`. */
  readonly ownModules: Readonly<Record<string, string>>;
  /** 10 s where it is missing. */
  readonly timeoutMs?: number;
};

const LONGEST_LOAD_MS = 10_000;

const SCHEME = 'jit-plugin:';

/**
 * Loads one plugin, by its configured name: nothing is ever looked for that is not named. `plugin_unusable` where there is
 * none, where it is no plugin, or where it is written for another API.
 */
export async function loadPlugin(order: LoadOrder): Promise<PluginDefinition> {
  const refuse = (why: string, cause?: unknown): JitError =>
    fail('plugin_unusable', { plugin: `the plugin ${order.name}`, why }, cause);
  const module = await withinLimit(order, importFrom(order)).catch((error: unknown) => {
    throw refuse(explain(error, order), error);
  });
  const plugin = isRecord(module) ? module.plugin : undefined;
  if (!isPlugin(plugin)) throw refuse('it exports no "plugin" that was made with definePlugin');
  if (isApiOffered(plugin.api)) return plugin;
  throw refuse(`it is written for the plugin API ${plugin.api}, and this jit offers ${PLUGIN_API}`);
}

/** A module may wait at its top for ever. */
async function withinLimit<T>({ timeoutMs = LONGEST_LOAD_MS }: LoadOrder, loading: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const expire = (): void => reject(new Error(`it was not ready after ${timeoutMs} ms`));
  const timer = setTimeout(expire, timeoutMs);
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function importFrom({ name, folder, ownModules }: LoadOrder): Promise<unknown> {
  if (isPath(name)) {
    registerOwn(ownModules);
    return import(pathToFileURL(resolve(folder, name)).href);
  }
  registerOwn(ownModules);
  const from = pathToFileURL(join(folder, 'config')).href;
  // A package is resolved as if a file in that folder imported it.
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith(SCHEME)
        ? next(specifier.slice(SCHEME.length), { ...context, parentURL: from })
        : next(specifier, context),
  });
  try {
    return await import(`${SCHEME}${name}`);
  } finally {
    hooks.deregister();
  }
}

const registered = new Set<string>();

/** `jit` and what belongs to it is this program, wherever the plugin is installed: one `Secret`, one class of errors. */
function registerOwn(modules: Readonly<Record<string, string>>): void {
  const key = JSON.stringify(modules);
  if (registered.has(key)) return;
  registered.add(key);
  registerHooks({
    resolve: (specifier, context, next) => {
      const own = Object.hasOwn(modules, specifier) ? modules[specifier] : undefined;
      return own === undefined
        ? next(specifier, context)
        : { url: pathToFileURL(own).href, shortCircuit: true };
    },
  });
}

function explain(error: unknown, { name, folder }: LoadOrder): string {
  if (error instanceof JitError) return error.message;
  const code = isRecord(error) ? error.code : undefined;
  if (code === 'ERR_MODULE_NOT_FOUND') {
    if (!existsSync(resolve(folder, name)))
      return `it is not found from ${folder}: npm install ${name} there`;
    if (!isPath(name)) return `no package is called that: write ./${name} for the file`;
  }
  if (error instanceof SyntaxError && /import statement|Unexpected token 'export'/.test(error.message))
    return 'it is loaded as CommonJS: call it .mjs, or say "type": "module" in the package.json beside it';
  return `loading it failed: ${error instanceof Error ? error.message : String(error)}`;
}

function isPath(name: string): boolean {
  return /^\.{0,2}\//.test(name);
}

function isPlugin(value: unknown): value is PluginDefinition {
  if (!isRecord(value)) return false;
  const { name, api, backend, connector, channel } = value;
  const parts = [backend, connector, channel].filter((part) => part !== undefined);
  if (typeof name !== 'string' || typeof api !== 'string' || parts.length === 0) return false;
  return parts.every((part) => isRecord(part) && typeof part.open === 'function');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
