import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const projectRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** One import of a file, as it is written. */
export type FoundImport = {
  readonly specifier: string;
  /** Nothing is left of it when the types are gone. */
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
};

/** A file by its path from the project's folder, with forward slashes. */
export type SourceFile = { readonly path: string; readonly text: string };

const STATIC = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const CALLED = /(?<![.\w])(?:import|require)\(\s*['"]([^'"]+)['"]/g;

/** Every import, export-from, dynamic import, `require` and inline type import of a TypeScript text. */
export function findImports(text: string): readonly FoundImport[] {
  const code = stripComments(text);
  return [
    ...[...code.matchAll(STATIC)].map(([, type, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: type !== undefined,
      dynamic: false,
    })),
    ...[...code.matchAll(CALLED)].map(([, specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: false,
      dynamic: true,
    })),
  ];
}

/** Without comments, keeping line breaks; a `//` inside quotes, as in an address, stays. */
export function stripComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/^(\s*)\/\/.*$/gm, '$1')
    .replace(/([;{},)\s])\s\/\/ .*$/gm, '$1');
}

/** The TypeScript files below a folder of the project. */
export function readSources(folder: string): readonly SourceFile[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length).split(sep).join('/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

/** The file that a relative import means, from the project's folder; undefined for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return normalize(join(dirname(from), specifier))
    .split(sep)
    .join('/');
}

/** The name of a package in an import: `hono` in `hono/jsx`, `node:fs` whole. */
export function findPackageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The first cycle among the files, as the way round; undefined when there is none. */
export function findCycle(files: readonly SourceFile[]): readonly string[] | undefined {
  const edges = new Map(files.map((file) => [file.path, listNeighbours(file)]));
  const finished = new Set<string>();
  const visit = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (finished.has(path)) return undefined;
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...way, path]);
      if (cycle) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  return [...edges.keys()].map((path) => visit(path, [])).find((cycle) => cycle !== undefined);
}

function listNeighbours(file: SourceFile): readonly string[] {
  return findImports(file.text)
    .map(({ specifier }) => resolveImport(file.path, specifier))
    .filter((path) => path !== undefined);
}
